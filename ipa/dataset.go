package ipa

import (
	"slices"
	"strings"
)

// Dataset is one of the registry's files. The names are those of the CKAN
// packages, or of the older files.
type Dataset string

// The datasets. Start with Bodies, Areas, Offices and PEC.
const (
	Bodies     Dataset = "enti"
	Areas      Dataset = "aree-organizzative-omogenee"
	Offices    Dataset = "unita-organizzative"
	Invoicing  Dataset = "unita-organizzative-sfe" // offices with electronic invoicing
	PEC        Dataset = "pec-ente"
	Categories Dataset = "categorie-enti"

	OldBodies        Dataset = "amministrazioni.txt"
	OldAreas         Dataset = "aoo.txt"
	OldOffices       Dataset = "ou.txt"
	OldPEC           Dataset = "pec.txt"
	OldInvoicing     Dataset = "serv_fatt.txt"
	OldBodyService   Dataset = "serv_amm.txt"
	OldAreaService   Dataset = "serv_aoo.txt"
	OldOfficeService Dataset = "serv_ou.txt"
	OldDomainGates   Dataset = "porte_dominio.txt" // rows are counted; there is no address in them
)

// shape is what a row of a dataset adds to the snapshot.
type shape uint8

const (
	shapeNothing shape = iota
	shapeBody
	shapeArea
	shapeOffice
	shapeAddress // of a body, area or office, by the codes in the row
	shapeCategory
)

// spec describes a dataset. Column names are folded: lower case, blanks as
// underscores.
type spec struct {
	dataset  Dataset
	old      bool // tab-separated without quoting
	shape    shape
	role     Role     // of the addresses in shapeAddress
	required []string // the header has all of these
	tells    []string // and the presence of these tells the dataset from others
	lacks    []string // and these are not there
}

var specs = []spec{
	{dataset: Invoicing, shape: shapeOffice, tells: []string{"codice_uni_uo", "codice_fiscale_sfe"},
		required: []string{"codice_ipa", "codice_uni_uo", "codice_fiscale_sfe"}},
	{dataset: Offices, shape: shapeOffice, tells: []string{"codice_uni_uo", "descrizione_uo"},
		required: []string{"codice_ipa", "codice_uni_uo", "descrizione_uo", "mail1"}},
	{dataset: Areas, shape: shapeArea, tells: []string{"codice_uni_aoo", "denominazione_aoo"}, lacks: []string{"codice_uni_uo"},
		required: []string{"codice_ipa", "codice_uni_aoo", "denominazione_aoo", "mail1"}},
	{dataset: PEC, shape: shapeAddress, role: RoleRegister, tells: []string{"codice_ipa", "pec"}, lacks: []string{"mail1"},
		required: []string{"codice_ipa", "pec"}},
	{dataset: Bodies, shape: shapeBody, tells: []string{"codice_ipa", "denominazione_ente"}, lacks: []string{"codice_uni_uo", "codice_uni_aoo", "pec"},
		required: []string{"codice_ipa", "denominazione_ente", "codice_fiscale_ente", "mail1"}},
	{dataset: Categories, shape: shapeCategory, tells: []string{"codice_categoria", "nome_categoria"}, lacks: []string{"codice_ipa"},
		required: []string{"codice_categoria", "nome_categoria"}},

	{dataset: OldBodies, old: true, shape: shapeBody, tells: []string{"cod_amm", "des_amm"}, required: []string{"cod_amm", "des_amm", "cf", "mail1"}},
	{dataset: OldInvoicing, old: true, shape: shapeOffice, tells: []string{"cod_amm", "cod_uni_ou", "data_avvio_sfe"}, required: []string{"cod_amm", "cod_uni_ou", "cf"}},
	{dataset: OldOffices, old: true, shape: shapeOffice, tells: []string{"cod_amm", "cod_ou", "des_ou"}, required: []string{"cod_amm", "cod_ou", "des_ou", "mail1"}},
	{dataset: OldAreas, old: true, shape: shapeArea, tells: []string{"cod_amm", "cod_aoo", "des_aoo"}, required: []string{"cod_amm", "cod_aoo", "des_aoo", "mail1"}},
	{dataset: OldPEC, old: true, shape: shapeAddress, role: RoleRegister, tells: []string{"cod_amm", "descrizione", "mail"}, required: []string{"cod_amm", "mail", "tipo_mail"}},
	{dataset: OldAreaService, old: true, shape: shapeAddress, role: RoleService, tells: []string{"cod_amm", "cod_aoo", "mail_srv"}, required: []string{"cod_amm", "cod_aoo", "mail_srv"}},
	{dataset: OldOfficeService, old: true, shape: shapeAddress, role: RoleService, tells: []string{"cod_amm", "cod_ou", "mail_srv"}, required: []string{"cod_amm", "cod_ou", "mail_srv"}},
	{dataset: OldBodyService, old: true, shape: shapeAddress, role: RoleService, tells: []string{"cod_amm", "mail_srv"}, required: []string{"cod_amm", "mail_srv"}},
	{dataset: OldDomainGates, old: true, shape: shapeNothing, tells: []string{"cod_amm", "cod_prt_dom"}, required: []string{"cod_amm", "cod_prt_dom"}},
}

func (s *spec) matches(columns []string) bool {
	has := func(name string) bool { return slices.Contains(columns, name) }
	return !slices.ContainsFunc(s.tells, func(n string) bool { return !has(n) }) && !slices.ContainsFunc(s.lacks, has)
}

// specFor finds the dataset: the one asked for, or the first whose columns are
// there.
func specFor(asked Dataset, columns []string) (*spec, bool) {
	for i := range specs {
		s := &specs[i]
		if asked == s.dataset || asked == "" && s.matches(columns) {
			return s, true
		}
	}
	return nil, false
}

// foldColumn returns the form in which column names are compared.
func foldColumn(name string) string {
	name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
	return strings.ReplaceAll(name, " ", "_")
}
