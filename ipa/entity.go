package ipa

import (
	"encoding/json"
	"fmt"
	"iter"
)

// Kind is what an [Entity] is. The zero value means none.
type Kind uint8

// The kinds.
const (
	KindBody   Kind = 1 // ente, AMM in the web services
	KindArea   Kind = 2 // area organizzativa omogenea, AOO
	KindOffice Kind = 3 // unità organizzativa, UO
)

var kindNames = [...]string{"", "body", "area", "office"}

// String returns body, area, office, or "" for none.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// MarshalText returns [Kind.String].
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads what [Kind.MarshalText] writes.
func (k *Kind) UnmarshalText(text []byte) error {
	for i, name := range kindNames {
		if name == string(text) {
			*k = Kind(i)
			return nil
		}
	}
	return fmt.Errorf("ipa: unknown kind %q", text)
}

// Entity is a body, an area or an office of one snapshot. It is a small
// handle, comparable and cheap to copy. The zero value is no entity: its
// methods return zero values.
type Entity struct {
	s *Snapshot
	i uint32
}

// IsZero reports whether e is no entity.
func (e Entity) IsZero() bool { return e.s == nil }

// Snapshot returns the snapshot that e belongs to.
func (e Entity) Snapshot() *Snapshot { return e.s }

// Kind returns what e is.
func (e Entity) Kind() Kind { return Kind(e.number(fieldKind) & kindMask) }

// Code returns the code by which IPA knows e, as published: Codice_IPA of a
// body, Codice_uni_aoo of an area, Codice_uni_uo of an office, which is also
// the recipient code of electronic invoices. It is empty for areas and offices
// of files that have no such column.
func (e Entity) Code() string { return e.text(fieldCode) }

// Name returns the name as published.
func (e Entity) Name() string { return e.text(fieldName) }

// Category returns the code of the body's category (L6 for municipalities) or,
// from the older files, its text.
func (e Entity) Category() string { return e.text(fieldCategory) }

// Province returns the two letters of the province: as published in the older
// files, else derived from the ISTAT code of the municipality.
func (e Entity) Province() string {
	if p := e.text(fieldProvince); p != "" {
		return p
	}
	return provinceOf(e.text(fieldMunicipalityCode))
}

// InLiquidation reports whether the body is being wound up.
func (e Entity) InLiquidation() bool { return e.number(fieldKind)&flagLiquidation != 0 }

// Referenced reports whether e is known only because rows of other datasets
// name it: the snapshot has no row of its own for it.
func (e Entity) Referenced() bool { return e.number(fieldKind)&flagReferenced != 0 }

// Body returns the body that e belongs to; a body belongs to itself.
func (e Entity) Body() Entity {
	if e.s == nil {
		return Entity{}
	}
	return Entity{e.s, e.number(fieldBody)}
}

// Parent returns the office above an office, or the zero Entity.
func (e Entity) Parent() Entity { return e.link(fieldParent) }

// Area returns the AOO that an office belongs to, or the zero Entity.
func (e Entity) Area() Entity { return e.link(fieldArea) }

func (e Entity) link(f field) Entity {
	n := e.number(f)
	if n == 0 {
		return Entity{}
	}
	return Entity{e.s, n - 1}
}

// Depth returns how many offices stand above an office.
func (e Entity) Depth() int {
	depth := 0
	for p := e.Parent(); !p.IsZero(); p = p.Parent() { // ends: a parent comes before its children
		depth++
	}
	return depth
}

// Units yields the areas of a body by name, then its offices as a tree: every
// office before those under it, siblings by name. Of an area or office it
// yields nothing.
func (e Entity) Units() iter.Seq[Entity] {
	return func(yield func(Entity) bool) {
		for i := e.number(fieldFirst); i < e.number(fieldEnd); i++ {
			if !yield(Entity{e.s, i}) {
				return
			}
		}
	}
}

// Addresses returns the mail addresses of e itself, not those of its units, in
// the order of the columns: the first is the primary one.
func (e Entity) Addresses() []Address {
	first, end := e.number(fieldAddresses), e.number(fieldAddressesEnd)
	if first == end {
		return nil
	}
	out := make([]Address, 0, end-first)
	for i := first; i < end; i++ {
		out = append(out, e.s.addressAt(i))
	}
	return out
}

// number returns a field of the record; 0 for the zero Entity.
func (e Entity) number(f field) uint32 {
	if e.s == nil {
		return 0
	}
	return e.s.entities.at(e.i*uint32(fieldCount) + uint32(f))
}

func (e Entity) text(f field) string {
	if e.s == nil {
		return ""
	}
	return e.s.str(e.number(f))
}

// AddressType is what a body says an address is (Tipo_Mail). The zero value
// means that it does not say.
type AddressType uint8

// The types.
const (
	TypeUnknown AddressType = 0
	TypePEC     AddressType = 1 // Pec: certified e-mail
	TypeSERCQ   AddressType = 2 // Sercq: another qualified registered delivery service
	TypeCECPAC  AddressType = 3 // CECPAC: the former restricted PEC between citizens and administrations
	TypeOther   AddressType = 4 // Altro: ordinary e-mail
)

var addressTypeNames = [...]string{"unknown", "pec", "sercq", "cecpac", "other"}

// String returns pec, sercq, cecpac, other or unknown.
func (t AddressType) String() string {
	if int(t) < len(addressTypeNames) {
		return addressTypeNames[t]
	}
	return fmt.Sprintf("AddressType(%d)", uint8(t))
}

// MarshalText returns [AddressType.String].
func (t AddressType) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads what [AddressType.MarshalText] writes.
func (t *AddressType) UnmarshalText(text []byte) error {
	for i, name := range addressTypeNames {
		if name == string(text) {
			*t = AddressType(i)
			return nil
		}
	}
	return fmt.Errorf("ipa: unknown address type %q", text)
}

// Role is what an address is for.
type Role uint8

// The roles.
const (
	RoleMailbox  Role = 0 // Mail1 to Mail5
	RoleRegister Role = 1 // in the list of active PEC of the body only (pec-ente, pec.txt)
	RoleService  Role = 2 // of one service (serv_*.txt)
	RoleOfficer  Role = 3 // of the person in charge, with BuildOptions.Officers
)

var roleNames = [...]string{"mailbox", "register", "service", "officer"}

// String returns mailbox, register, service or officer.
func (r Role) String() string {
	if int(r) < len(roleNames) {
		return roleNames[r]
	}
	return fmt.Sprintf("Role(%d)", uint8(r))
}

// MarshalText returns [Role.String].
func (r Role) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads what [Role.MarshalText] writes.
func (r *Role) UnmarshalText(text []byte) error {
	for i, name := range roleNames {
		if name == string(text) {
			*r = Role(i)
			return nil
		}
	}
	return fmt.Errorf("ipa: unknown role %q", text)
}

// Address is one mail address of an entity.
type Address struct {
	Text      string      `json:"address"` // as published
	Type      AddressType `json:"type"`
	Role      Role        `json:"role"`
	Label     string      `json:"label,omitempty"`     // name of the service, description in the register
	Published string      `json:"published,omitempty"` // Data_pubblicazione, as published
}

// Record is everything a snapshot knows of one entity, as plain values. Empty
// means that the registry does not say.
type Record struct {
	Kind             Kind      `json:"kind"`
	Code             string    `json:"code,omitempty"`              // see Entity.Code
	LocalCode        string    `json:"localCode,omitempty"`         // cod_aoo, cod_ou: unique within the body only
	Name             string    `json:"name"`                        //
	BodyCode         string    `json:"bodyCode"`                    // Codice_IPA
	BodyName         string    `json:"bodyName"`                    //
	ParentCode       string    `json:"parentCode,omitempty"`        // of the office above
	AreaCode         string    `json:"areaCode,omitempty"`          // of the AOO of an office
	Acronym          string    `json:"acronym,omitempty"`           //
	FiscalCode       string    `json:"fiscalCode,omitempty"`        // of the body, 11 digits
	InvoiceCode      string    `json:"invoiceFiscalCode,omitempty"` // fiscal code for e-invoices to this office
	InvoiceSince     string    `json:"invoiceSince,omitempty"`      // start of e-invoicing, as published
	Type             string    `json:"type,omitempty"`              // Tipologia
	Category         string    `json:"category,omitempty"`          // see Entity.Category
	CategoryName     string    `json:"categoryName,omitempty"`      // with dataset categorie-enti
	SchoolCode       string    `json:"schoolCode,omitempty"`        // Codice_MIUR
	InLiquidation    bool      `json:"inLiquidation,omitempty"`     //
	Referenced       bool      `json:"referenced,omitempty"`        // see Entity.Referenced
	Street           string    `json:"street,omitempty"`            // Indirizzo
	PostalCode       string    `json:"postalCode,omitempty"`        // CAP, with its leading zeros
	Municipality     string    `json:"municipality,omitempty"`      // name, older files only
	MunicipalityCode string    `json:"municipalityCode,omitempty"`  // ISTAT, 6 digits
	Cadastral        string    `json:"cadastralCode,omitempty"`     // Codice_catastale_comune
	Province         string    `json:"province,omitempty"`          // see Entity.Province
	Region           string    `json:"region,omitempty"`            // older files only
	Website          string    `json:"website,omitempty"`           //
	Phone            string    `json:"phone,omitempty"`             //
	Fax              string    `json:"fax,omitempty"`               //
	Established      string    `json:"established,omitempty"`       // Data_istituzione, as published
	Updated          string    `json:"updated,omitempty"`           // Data_aggiornamento, as published
	Officer          *Officer  `json:"officer,omitempty"`           // with BuildOptions.Officers
	Addresses        []Address `json:"addresses"`
}

// Officer is the person in charge of an entity (responsabile).
type Officer struct {
	Title     string `json:"title,omitempty"`
	FirstName string `json:"firstName,omitempty"`
	LastName  string `json:"lastName,omitempty"`
	Phone     string `json:"phone,omitempty"`
}

// Record returns everything known of e.
func (e Entity) Record() Record {
	body := e.Body()
	r := Record{
		Kind: e.Kind(), Code: e.Code(), LocalCode: e.text(fieldLocalCode), Name: e.Name(),
		BodyCode: body.Code(), BodyName: body.Name(),
		ParentCode: e.Parent().Code(), AreaCode: e.Area().Code(),
		Acronym: e.text(fieldAcronym), FiscalCode: e.text(fieldFiscalCode),
		InvoiceCode: e.text(fieldInvoiceCode), InvoiceSince: e.text(fieldInvoiceSince),
		Type: e.text(fieldType), Category: e.Category(), SchoolCode: e.text(fieldSchoolCode),
		InLiquidation: e.InLiquidation(), Referenced: e.Referenced(),
		Street: e.text(fieldStreet), PostalCode: e.text(fieldPostalCode),
		Municipality: e.text(fieldMunicipality), MunicipalityCode: e.text(fieldMunicipalityCode),
		Cadastral: e.text(fieldCadastral), Province: e.Province(), Region: e.text(fieldRegion),
		Website: e.text(fieldWebsite), Phone: e.text(fieldPhone), Fax: e.text(fieldFax),
		Established: e.text(fieldEstablished), Updated: e.text(fieldUpdated),
		Addresses: e.Addresses(),
	}
	if e.s != nil {
		r.CategoryName = e.s.manifest.Categories[r.Category].Name
		r.Officer = e.s.officerOf(e.i)
	}
	if r.Addresses == nil {
		r.Addresses = []Address{}
	}
	return r
}

// MarshalJSON writes [Entity.Record]; null for the zero Entity.
func (e Entity) MarshalJSON() ([]byte, error) {
	if e.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(e.Record())
}
