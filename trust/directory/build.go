package directory

import (
	"crypto/sha1"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/ldif"
)

// Hash is the SHA-1 of a certificate's DER.
type Hash [sha1.Size]byte

// String writes a hash as the norm does, in hexadecimal digits.
func (h Hash) String() string { return strings.ToUpper(hex.EncodeToString(h[:])) }

// builder turns records of LDIF into those of the directory.
type builder struct {
	*Directory
	last         *entry // the record that a fragment may belong to
	byDN         map[key]*entry
	entries      []*entry
	certificates int
	domains      int
}

// key is the name of a record, folded; its zero value is the base.
type key struct{ provider, unit string }

// entry is a record under construction.
type entry struct {
	*Record
	base     bool
	provider string // folded name of the provider, from the record's name
}

func (b *builder) take(r *ldif.Record) error {
	for _, d := range r.Defects {
		if d.Code != ldif.NoDN {
			b.defect(Code(d.Code), d.Line, r.DN, d.Fact)
		}
	}
	if r.More > 0 {
		b.More += r.More
		b.lost = true // what they are is not known
	}
	if b.continues(r) {
		b.defect(BlankLine, r.Line, b.last.DN, "")
		return b.attributes(b.last, r)
	}
	e := b.place(r)
	b.last = nil
	if e == nil {
		return nil
	}
	b.last = e
	return b.attributes(e, r)
}

// continues reports a fragment without a name that belongs to the record
// before it: that one still lacks what every provider's has, and the fragment
// says nothing of whose it is.
//
// QUIRK: in the second example of RFC 6109 §4.5.10 a blank line stands in the
// middle of a record.
func (b *builder) continues(r *ldif.Record) bool {
	if b.last == nil || b.last.base || r.Change || len(r.Attributes) == 0 || !hasNone(r) {
		return false
	}
	if len(b.last.Certificates)+len(b.last.Hashes)+len(b.last.Domains) > 0 || b.last.Receipt != "" {
		return false
	}
	return !slices.ContainsFunc(r.Attributes, func(a ldif.Attribute) bool {
		return a.Is("providerName") || a.Is("providerUnit") || a.Is("objectClass")
	})
}

// hasNone reports a record that has no name, as opposed to one that cannot be
// read.
func hasNone(r *ldif.Record) bool {
	none := false
	for _, d := range r.Defects {
		if d.Line == r.Line && d.Fact == "dn" && d.Code != ldif.NoDN {
			return false
		}
		none = none || d.Code == ldif.NoDN
	}
	return none
}

// place finds out by its name what a record is, and makes room for it.
//
// spec: RFC 6109 §4.5, §4.5.7
func (b *builder) place(r *ldif.Record) *entry {
	if slices.ContainsFunc(r.Defects, func(d ldif.Defect) bool { return d.Code == ldif.NoDN }) {
		b.defect(Code(ldif.NoDN), r.Line, "", "")
		return nil
	}
	dn, err := ldif.ParseDN(r.DN)
	switch {
	case err != nil:
		b.defect(DNMalformed, r.Line, r.DN, r.DN)
		return nil
	case r.Change:
		return nil
	}
	e := &entry{Record: &Record{DN: r.DN, Line: r.Line}}
	n := len(dn)
	switch {
	case n == 0 || len(dn[n-1]) != 1 || !dn[n-1][0].Is("o", "postacert"):
	case n == 1:
		e.base, b.Whole = true, true
	case n == 2 && isOne(dn[0], "providerName"):
		e.Provider = dn[0][0].Value
	case n == 3 && (isOne(dn[0], "providerUnit") || isOne(dn[0], "providerUnits")) && isOne(dn[1], "providerName"):
		// QUIRK: §4.5.7 spells the attribute in the record's name providerUnits, and
		// everything else, the schema and the example, providerUnit.
		e.Unit, e.Provider = dn[0][0].Value, dn[1][0].Value
	}
	if !e.base && e.Provider == "" {
		b.unknown(r)
		return nil
	}
	e.provider = ldif.Fold(e.Provider)
	name := key{e.provider, ldif.Fold(e.Unit)}
	if b.byDN == nil {
		b.byDN = make(map[key]*entry)
	}
	if b.byDN[name] != nil {
		b.defect(Duplicate, r.Line, r.DN, "")
		return nil
	}
	b.byDN[name] = e
	if !e.base {
		b.entries = append(b.entries, e)
		b.Records = append(b.Records, e.Record)
	}
	return e
}

// unknown tells of an entry that is none of ours. It loses something only if it
// calls itself a provider.
func (b *builder) unknown(r *ldif.Record) {
	for _, a := range r.Attributes {
		if a.Is("objectClass") && strings.EqualFold(string(a.Value), "provider") ||
			a.Is("managedDomains") || a.Is("providerCertificate") || a.Is("providerCertificateHash") {
			b.defect(EntryUnknown, r.Line, r.DN, r.DN)
			return
		}
	}
	lost := b.lost
	b.defect(EntryUnknown, r.Line, r.DN, r.DN)
	b.lost = lost
}

func isOne(r ldif.RDN, name string) bool {
	return len(r) == 1 && strings.EqualFold(r[0].Name, name) && ldif.Fold(r[0].Value) != ""
}

// attributes reads the values of a record.
func (b *builder) attributes(e *entry, r *ldif.Record) error {
	names, units := 0, 0
	for _, a := range r.Attributes {
		value := strings.TrimSpace(string(a.Value))
		switch {
		case a.Is("LDIFLocationURL"):
			b.location(e, value, a.Line)
		case e.base:
		case a.Is("providerName"):
			if names++; b.single(e, names, a) {
				if ldif.Fold(value) != e.provider {
					b.defect(NameDiffers, a.Line, e.DN, value)
				}
				if value != "" {
					e.Provider = value
				}
			}
		case a.Is("providerUnit"):
			if units++; b.single(e, units, a) {
				if ldif.Fold(value) != ldif.Fold(e.Unit) {
					b.defect(UnitDiffers, a.Line, e.DN, value)
				}
			}
		case a.Is("providerCertificate"):
			if err := b.certificate(e, a); err != nil {
				return err
			}
		case a.Is("providerCertificateHash"):
			b.hash(e, value, a.Line)
		case a.Is("mailReceipt"):
			b.receipt(e, value, a.Line)
		case a.Is("managedDomains"):
			if err := b.domain(e, value, a.Line); err != nil {
				return err
			}
		case a.Is("description"):
			e.Description = append(e.Description, string(a.Value))
		case a.Is("modifyTimestamp"), a.Is("createTimestamp"):
			if t, ok := generalizedTime(value); ok && t.After(e.Changed) {
				e.Changed = t
			}
		}
	}
	if !e.base && names == 0 && !slices.ContainsFunc(r.Defects, func(d ldif.Defect) bool { return d.Code == ldif.NoDN }) {
		b.defect(NameMissing, r.Line, e.DN, "")
	}
	return nil
}

// single refuses all values of an attribute but the first.
func (b *builder) single(e *entry, count int, a ldif.Attribute) bool {
	if count > 1 {
		b.defect(Several, a.Line, e.DN, a.Name)
	}
	return count == 1
}

// certificate reads providerCertificate.
//
// spec: RFC 6109 §4.5.2
func (b *builder) certificate(e *entry, a ldif.Attribute) error {
	if b.certificates++; b.certificates > MaxCertificates {
		return &LimitError{Limit: "certificates", Max: MaxCertificates, Line: a.Line}
	}
	c, err := cms.ParseCertificate(a.Value)
	if err != nil {
		b.defect(BadCertificate, a.Line, e.DN, "")
		return nil
	}
	e.Certificates = append(e.Certificates, c)
	return nil
}

// hash reads providerCertificateHash, in either case, with or without signs
// between the digits.
//
// spec: RFC 6109 §4.5.1
func (b *builder) hash(e *entry, value string, line int) {
	var h Hash
	digits := strings.NewReplacer(" ", "", ":", "", "-", "").Replace(value)
	if n, err := hex.Decode(h[:], []byte(digits[:min(len(digits), 2*len(h))])); err != nil || n != len(h) || len(digits) != 2*len(h) {
		b.defect(BadHash, line, e.DN, value)
		return
	}
	e.Hashes = append(e.Hashes, h)
}

// receipt reads mailReceipt.
//
// spec: RFC 6109 §4.5.4
func (b *builder) receipt(e *entry, value string, line int) {
	local, host, ok := strings.Cut(value, "@")
	_, isDomain := FoldDomain(host)
	switch {
	case e.Receipt != "":
		b.defect(Several, line, e.DN, "mailReceipt")
	case !ok || local == "" || !isDomain || strings.ContainsAny(local, " \t\"<>(),:;[\\]") || len(value) > maxAddress:
		b.defect(BadReceipt, line, e.DN, value)
	default:
		e.Receipt = value
	}
}

// maxAddress is the length of the longest address that SMTP carries.
const maxAddress = 320

// domain reads one of managedDomains.
//
// spec: RFC 6109 §4.5.5
func (b *builder) domain(e *entry, value string, line int) error {
	if b.domains++; b.domains > MaxDomains {
		return &LimitError{Limit: "domains", Max: MaxDomains, Line: line}
	}
	d, ok := FoldDomain(value)
	switch {
	case strings.Contains(value, "*"):
		b.defect(Wildcard, line, e.DN, value)
	case !ok:
		b.defect(BadDomain, line, e.DN, value)
	default:
		e.Domains = append(e.Domains, d)
	}
	return nil
}

// location reads LDIFLocationURL. It is shown and never followed.
//
// spec: RFC 6109 §4.5.6
func (b *builder) location(e *entry, value string, line int) {
	u, err := url.Parse(value)
	if err != nil || u.Scheme != "https" || u.Host == "" {
		b.defect(BadLocation, line, e.DN, value)
	}
	at := &e.Location
	if e.base {
		at = &b.Location
	}
	if *at != "" {
		b.defect(Several, line, e.DN, "LDIFLocationURL")
		return
	}
	if e.Unit != "" {
		b.defect(UnitHasLocation, line, e.DN, value)
		return
	}
	*at = value
}

// generalizedTime reads a time as directory servers write it.
//
// spec: RFC 4517 §3.3.13
func generalizedTime(s string) (time.Time, bool) {
	whole, _, _ := strings.Cut(strings.TrimSuffix(s, "Z"), ".")
	t, err := time.Parse("20060102150405", whole)
	return t, err == nil && strings.HasSuffix(s, "Z")
}

// finish ties the records together and makes them findable.
func (b *builder) finish() *Directory {
	for _, e := range b.entries {
		e.Main = e.Record
		if e.Unit != "" {
			e.Main = nil
			if main := b.byDN[key{e.provider, ""}]; main != nil {
				e.Main, e.Location = main.Record, main.Location
			} else {
				b.defect(Orphan, e.Line, e.DN, "")
			}
		}
		b.check(e)
	}
	b.index.build(b.Directory)
	slices.SortStableFunc(b.Defects, func(a, b Defect) int { return a.Line - b.Line })
	return b.Directory
}

// check tells what a record lacks.
//
// spec: RFC 6109 §4.5.9
func (b *builder) check(e *entry) {
	// Sets, since a record may have ten thousand certificates and a million hashes.
	has, listed := make(map[Hash]bool), make(map[Hash]bool)
	for _, h := range e.Hashes {
		listed[h] = true
	}
	for _, c := range e.Certificates {
		h := Hash(sha1.Sum(c.Raw))
		has[h] = true
		if !listed[h] {
			b.defect(HashMissing, e.Line, e.DN, h.String())
		}
	}
	for _, h := range e.Hashes {
		if !has[h] {
			b.defect(HashAlone, e.Line, e.DN, h.String())
		}
	}
	if len(e.Certificates) == 0 {
		b.defect(NoCertificate, e.Line, e.DN, "")
	}
	if e.Receipt == "" {
		b.defect(ReceiptMissing, e.Line, e.DN, "")
	}
	if len(e.Domains) == 0 {
		b.defect(DomainsMissing, e.Line, e.DN, "")
	}
}
