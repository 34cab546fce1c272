package ipa

import "strings"

// field is a number of an entity's record in the snapshot.
type field uint32

// The fields. Those from fieldCode on are references to strings. The order is
// that of the file: changing it needs a new formatVersion.
const (
	fieldKind   field = iota // and flags
	fieldBody                // number of the body
	fieldParent              // number of the office above + 1, 0 for none
	fieldArea                // number of the AOO + 1, 0 for none
	fieldFirst               // units of a body: from this number
	fieldEnd                 // up to, not including, this one
	fieldAddresses
	fieldAddressesEnd
	fieldCode
	fieldLocalCode
	fieldName
	fieldAcronym
	fieldFiscalCode
	fieldInvoiceCode
	fieldInvoiceSince
	fieldType
	fieldCategory
	fieldSchoolCode
	fieldStreet
	fieldPostalCode
	fieldMunicipality
	fieldMunicipalityCode
	fieldCadastral
	fieldProvince
	fieldRegion
	fieldWebsite
	fieldPhone
	fieldFax
	fieldEstablished
	fieldUpdated
	fieldCount
)

// In fieldKind, beside the kind.
const (
	kindMask        = 0xff
	flagLiquidation = 1 << 8
	flagReferenced  = 1 << 9
)

// target is where the value of a column goes: a field of the record, or one of
// these.
type target uint8

const (
	toBodyCode target = target(fieldCount) + iota
	toBodyName
	toAreaCode // Codice_uni_aoo of a row that is no area itself
	toAreaLocal
	toParentCode
	toParentLocal
	toOfficeLocal // cod_ou of a row that is an address
	toLiquidation
	toMail1
	toMail2
	toMail3
	toMail4
	toMail5
	toMailType1
	toMailType2
	toMailType3
	toMailType4
	toMailType5
	toLabel
	toPublished
	toTitle
	toFirstName
	toLastName
	toOfficerMail
	toOfficerPhone
	toCategoryName
	toCategoryType
	targetCount
)

const mailPairs = 5

// columnTargets says for each shape where a column goes, by its folded name.
var columnTargets = map[shape]map[string]target{
	shapeBody: joined(placeColumns, contactColumns, mailColumns, officerColumns, map[string]target{
		"codice_ipa": toBodyCode, "cod_amm": toBodyCode,
		"denominazione_ente": target(fieldName), "des_amm": target(fieldName),
		"codice_fiscale_ente": target(fieldFiscalCode), "cf": target(fieldFiscalCode),
		"tipologia": target(fieldType), "tipologia_amm": target(fieldType),
		"codice_categoria": target(fieldCategory), "tipologia_istat": target(fieldCategory),
		"codice_miur": target(fieldSchoolCode), "ente_in_liquidazione": toLiquidation,
		"acronimo": target(fieldAcronym), "sito_istituzionale": target(fieldWebsite),
	}),
	shapeArea: joined(placeColumns, contactColumns, mailColumns, officerColumns, map[string]target{
		"codice_ipa": toBodyCode, "cod_amm": toBodyCode, "denominazione_ente": toBodyName,
		"codice_uni_aoo": target(fieldCode), "cod_aoo": target(fieldLocalCode),
		"denominazione_aoo": target(fieldName), "des_aoo": target(fieldName),
	}),
	shapeOffice: joined(placeColumns, contactColumns, mailColumns, officerColumns, map[string]target{
		"codice_ipa": toBodyCode, "cod_amm": toBodyCode, "denominazione_ente": toBodyName,
		"codice_uni_uo": target(fieldCode), "cod_uni_ou": target(fieldCode), "cod_ou": target(fieldLocalCode),
		"descrizione_uo": target(fieldName), "des_ou": target(fieldName),
		"codice_uni_aoo": toAreaCode, "cod_aoo": toAreaLocal,
		"codice_uni_uo_padre": toParentCode, "cod_ou_padre": toParentLocal,
		"codice_fiscale_sfe": target(fieldInvoiceCode), "cf": target(fieldInvoiceCode),
		"data_avvio_sfe": target(fieldInvoiceSince),
	}),
	shapeAddress: {
		"codice_ipa": toBodyCode, "cod_amm": toBodyCode, "denominazione_ente": toBodyName,
		"cod_aoo": toAreaLocal, "cod_ou": toOfficeLocal,
		"pec": toMail1, "mail": toMail1, "mail_srv": toMail1, "tipo_mail": toMailType1,
		"descrizione": toLabel, "nome_srv": toLabel, "data_pubblicazione": toPublished,
	},
	shapeCategory: {
		"codice_categoria": target(fieldCategory), "nome_categoria": toCategoryName, "tipologia_categoria": toCategoryType,
	},
	shapeNothing: {"cod_amm": toBodyCode},
}

var (
	placeColumns = map[string]target{
		"indirizzo": target(fieldStreet), "cap": target(fieldPostalCode), "comune": target(fieldMunicipality),
		"codice_comune_istat": target(fieldMunicipalityCode), "codice_catastale_comune": target(fieldCadastral),
		"provincia": target(fieldProvince), "regione": target(fieldRegion),
	}
	contactColumns = map[string]target{
		"telefono": target(fieldPhone), "tel": target(fieldPhone), "fax": target(fieldFax), "url": target(fieldWebsite),
		"data_istituzione": target(fieldEstablished), "dat_istituz": target(fieldEstablished),
		"data_aggiornamento": target(fieldUpdated),
	}
	mailColumns = map[string]target{
		"mail1": toMail1, "mail2": toMail2, "mail3": toMail3, "mail4": toMail4, "mail5": toMail5,
		"tipo_mail1": toMailType1, "tipo_mail2": toMailType2, "tipo_mail3": toMailType3,
		"tipo_mail4": toMailType4, "tipo_mail5": toMailType5,
	}
	officerColumns = map[string]target{
		"titolo_responsabile": toTitle, "titolo_resp": toTitle,
		"nome_responsabile": toFirstName, "nome_resp": toFirstName,
		"cognome_responsabile": toLastName, "cogn_resp": toLastName,
		"mail_responsabile": toOfficerMail, "mail_resp": toOfficerMail,
		"telefono_responsabile": toOfficerPhone, "tel_resp": toOfficerPhone,
	}
)

func joined(maps ...map[string]target) map[string]target {
	out := make(map[string]target)
	for _, m := range maps {
		for name, t := range m {
			out[name] = t
		}
	}
	return out
}

// clean reads a cell by what its column holds.
func (t target) clean(cell string) string {
	switch {
	case t >= toMail1 && t <= toMail5, t == toOfficerMail:
		return addressValue(cell)
	}
	switch t {
	case toBodyCode, toBodyName, toAreaCode, toAreaLocal, toParentCode, toParentLocal, toOfficeLocal, toCategoryName,
		target(fieldCode), target(fieldLocalCode), target(fieldName), target(fieldCategory):
		return codeValue(cell)
	}
	return value(cell)
}

// plausible returns how to tell that a value belongs into a column, nil if any
// text does.
func (t target) plausible() func(string) bool {
	switch {
	case t >= toMail1 && t <= toMail5:
		return looksLikeAddress
	case t >= toMailType1 && t <= toMailType5:
		return func(s string) bool { return parseAddressType(s) != TypeUnknown }
	}
	switch t {
	case target(fieldFiscalCode), target(fieldInvoiceCode):
		return func(s string) bool { return len(s) == 11 && isDigits(s) || len(s) == 16 && isCode(s) }
	case target(fieldPostalCode):
		return func(s string) bool { return len(s) == 5 && isDigits(s) }
	case target(fieldCode), target(fieldLocalCode), toAreaCode, toAreaLocal, toParentCode, toParentLocal, toOfficeLocal:
		return isCode
	case target(fieldName), toBodyName, toCategoryName:
		return func(s string) bool { return !looksLikeAddress(s) && !isDigits(s) }
	case target(fieldMunicipalityCode):
		return isDigits
	case toLiquidation:
		return func(s string) bool { return len(s) == 1 || len(s) == 2 }
	}
	return nil
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// isCode reports whether a value can be a code of the registry. Bodies choose
// some of them, with signs such as _ - . / and even blanks.
func isCode(s string) bool { return len(s) <= 80 && !strings.ContainsAny(s, "@\t\r\n") }
