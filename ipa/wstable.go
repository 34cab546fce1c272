package ipa

import "fmt"

// Service is one of IPA's web services. The zero value is none.
type Service int

// The services, by their number. There is no WS17.
const (
	WS01 Service = 1  // offices with electronic invoicing, by CF
	WS02 Service = 2  // areas of a body, by COD_AMM, COD_AOO
	WS03 Service = 3  // offices of a body, by COD_AMM
	WS04 Service = 4  // offices with electronic invoicing of a body, by COD_AMM
	WS05 Service = 5  // a body, by COD_AMM
	WS06 Service = 6  // an office, by COD_UNI_OU
	WS07 Service = 7  // owners of an address, by EMAIL
	WS08 Service = 8  // closed areas, by COD_AMM, COD_AOO
	WS09 Service = 9  // digital domiciles of areas, by COD_AMM, COD_AOO
	WS10 Service = 10 // digital domiciles of an office, by COD_UNI_OU
	WS11 Service = 11 // the same of areas, with those of the past
	WS12 Service = 12 // the same of an office, with those of the past
	WS13 Service = 13 // periods of a digital domicile, by DOM_DIG
	WS14 Service = 14 // offices with electronic orders, by CF
	WS15 Service = 15 // the same of a body, by COD_AMM
	WS16 Service = 16 // bodies by a part of the name, DESCR
	WS18 Service = 18 // an area, by COD_UNI_AOO
	WS19 Service = 19 // areas of a body, by COD_AMM, COD_UNI_AOO, STORICO
	WS20 Service = 20 // PEC of a body, by COD_AMM
	WS21 Service = 21 // the same with those of the past
	WS22 Service = 22 // periods of a PEC, by PEC
	WS23 Service = 23 // digital domiciles by CF of the body or of an invoicing office
)

// String returns WS and two digits.
func (s Service) String() string { return fmt.Sprintf("WS%02d", int(s)) }

// serviceSpec is where a service is and what it takes.
type serviceSpec struct {
	bundle, name       string
	required, optional []string
}

// path is relative to the base; it is case-sensitive.
func (s serviceSpec) path() string { return s.bundle + "Services/api/" + s.name }

var services = map[Service]serviceSpec{
	WS01: {bundle: "WS01SFECF", name: "WS01_SFE_CF", required: []string{"CF"}},
	WS02: {bundle: "WS02AOO", name: "WS02_AOO", required: []string{"COD_AMM"}, optional: []string{"COD_AOO"}},
	WS03: {bundle: "WS03OU", name: "WS03_OU", required: []string{"COD_AMM"}},
	WS04: {bundle: "WS04SFE", name: "WS04_SFE", required: []string{"COD_AMM"}},
	WS05: {bundle: "WS05AMM", name: "WS05_AMM", required: []string{"COD_AMM"}},
	WS06: {bundle: "WS06OUCODUNI", name: "WS06_OU_COD_UNI", required: []string{"COD_UNI_OU"}},
	WS07: {bundle: "WS07EMAIL", name: "WS07_EMAIL", required: []string{"EMAIL"}},
	WS08: {bundle: "WS08AOOC", name: "WS08_AOOC", required: []string{"COD_AMM"}, optional: []string{"COD_AOO"}},
	WS09: {bundle: "WS09DOMDIGAOO", name: "WS09_DOMDIGAOO", required: []string{"COD_AMM"}, optional: []string{"COD_AOO"}},
	WS10: {bundle: "WS10DOMDIGOU", name: "WS10_DOM_DIG_OU", required: []string{"COD_UNI_OU"}},
	WS11: {bundle: "WS11DOMDIGSTORAOO", name: "WS11_DOM_DIG_STOR_AOO", required: []string{"COD_AMM"}, optional: []string{"COD_AOO"}},
	WS12: {bundle: "WS12DOMDIGSTOROU", name: "WS12_DOM_DIG_STOR_OU", required: []string{"COD_UNI_OU"}},
	WS13: {bundle: "WS13DOMDIG", name: "WS13_DOM_DIG", required: []string{"DOM_DIG"}},
	WS14: {bundle: "WS14NSOCF", name: "WS14_NSO_CF", required: []string{"CF"}},
	WS15: {bundle: "WS15NSO", name: "WS15_NSO", required: []string{"COD_AMM"}},
	WS16: {bundle: "WS16DESAMM", name: "WS16_DES_AMM", required: []string{"DESCR"}},
	WS18: {bundle: "WS18AOO", name: "WS18_AOO", required: []string{"COD_UNI_AOO"}},
	WS19: {bundle: "WS19AOO", name: "WS19_AOO", required: []string{"COD_AMM"}, optional: []string{"COD_UNI_AOO", "STORICO"}},
	WS20: {bundle: "WS20PEC", name: "WS20_PEC", required: []string{"COD_AMM"}},
	WS21: {bundle: "WS21PECENTESTOR", name: "WS21_PEC_ENTE_STOR", required: []string{"COD_AMM"}},
	WS22: {bundle: "WS22PECSTOR", name: "WS22_PEC_STOR", required: []string{"PEC"}},
	WS23: {bundle: "WS23DOMDIGCF", name: "WS23_DOM_DIG_CF", required: []string{"CF"}},
}

// codeUnknownBody is the code for a COD_AMM that is in order but unknown.
const codeUnknownBody = 23

// faults are the meanings of cod_err.
//
// spec: AgID WS00, index of the web services, version 2.0
var faults = func() map[int]string {
	m := map[int]string{0: "no error", codeUnknownBody: "COD_AMM unknown", 900: "AUTH_ID missing", 901: "AUTH_ID empty", 902: "AUTH_ID wrong"}
	for first, parameter := range map[int]string{1: "CF", 10: "EMAIL", 20: "COD_AMM", 30: "COD_UNI_OU", 40: "COD_AOO", 50: "DESCR", 60: "DOM_DIG", 70: "COD_UNI_AOO"} {
		for i, what := range []string{"missing", "empty", "malformed"} {
			m[first+i] = parameter + " " + what
		}
	}
	return m
}()
