package directory

import (
	"crypto/sha1"
	"io"

	"github.com/gopec/gopec/internal/ldif"
)

// Write writes a directory of all providers as a plain file: the base record with
// the location where the signed one is published ("" for none), and the records
// in order, each with the hashes of its certificates. What is not in a record is
// not written. The error is w's.
//
// spec: RFC 6109 §4.5
func Write(w io.Writer, location string, records ...*Record) error {
	// QUIRK: no "version: 1" at the beginning, which RFC 2849 demands: slapadd
	// takes it for an attribute. The RFC's own examples have none.
	var b []byte
	base := entryOf("o=postacert", "organization", "LDIFLocationURLObject")
	base.add("o", "postacert")
	base.add("LDIFLocationURL", location)
	b = ldif.Append(b, &base.Record)
	for _, r := range records {
		if _, err := w.Write(b); err != nil {
			return err
		}
		b = ldif.Append(b[:0], r.entry())
	}
	_, err := w.Write(b)
	return err
}

// entry writes one record.
func (r *Record) entry() *ldif.Record {
	dn := []ldif.RDN{{{Name: "providerName", Value: r.Provider}}, {{Name: "o", Value: "postacert"}}}
	if r.Unit != "" {
		dn = append([]ldif.RDN{{{Name: "providerUnit", Value: r.Unit}}}, dn...)
	}
	e := entryOf(ldif.String(dn), "provider")
	e.add("providerName", r.Provider)
	e.add("providerUnit", r.Unit)
	for _, c := range r.Certificates {
		e.add("providerCertificateHash", Hash(sha1.Sum(c.Raw)).String())
		e.Attributes = append(e.Attributes, ldif.Attribute{Name: "providerCertificate", Options: []string{"binary"}, Value: c.Raw})
	}
	e.add("mailReceipt", r.Receipt)
	for _, d := range r.Domains {
		e.add("managedDomains", d)
	}
	if r.Unit == "" {
		e.add("LDIFLocationURL", r.Location)
	}
	for _, d := range r.Description {
		e.add("description", d)
	}
	return &e.Record
}

// written is a record to be written.
type written struct{ ldif.Record }

func entryOf(dn string, classes ...string) *written {
	e := &written{ldif.Record{DN: dn}}
	e.add("objectClass", "top")
	for _, c := range classes {
		e.add("objectClass", c)
	}
	return e
}

// add adds a value, if there is one.
func (e *written) add(name, value string) {
	if value != "" {
		e.Attributes = append(e.Attributes, ldif.Attribute{Name: name, Value: []byte(value)})
	}
}
