package directory

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"slices"
	"strings"

	"github.com/gopec/gopec/internal/ldif"
	"github.com/gopec/gopec/trust"
)

// index finds records.
type index struct {
	certificates map[[sha256.Size]byte][]*Record // by the certificate
	hashes       map[Hash][]*Record              // whose certificate the record does not hold
	receipts     map[string][]*Record            // by service address, folded
	names        map[string][]*Record            // by provider's name, folded
	domains      []managed                       // sorted
}

// managed is one domain of one record.
type managed struct {
	domain string
	record int32 // position in Records
}

// build makes the index. A hash whose certificate stands in the same record
// finds nothing by itself: only that certificate does, not another with the same
// SHA-1, which somebody could have made.
func (x *index) build(d *Directory) {
	x.certificates, x.hashes = make(map[[sha256.Size]byte][]*Record), make(map[Hash][]*Record)
	x.receipts, x.names = make(map[string][]*Record), make(map[string][]*Record)
	for i, r := range d.Records {
		held := make(map[Hash]bool, len(r.Certificates))
		for _, c := range r.Certificates {
			held[sha1.Sum(c.Raw)] = true
			add(x.certificates, sha256.Sum256(c.Raw), r)
		}
		for _, h := range r.Hashes {
			if !held[h] {
				add(x.hashes, h, r)
			}
		}
		if r.Receipt != "" {
			add(x.receipts, ldif.Fold(r.Receipt), r)
		}
		add(x.names, ldif.Fold(r.Provider), r)
		for _, domain := range r.Domains {
			x.domains = append(x.domains, managed{domain, int32(i)})
		}
	}
	slices.SortFunc(x.domains, func(a, b managed) int {
		if c := strings.Compare(a.domain, b.domain); c != 0 {
			return c
		}
		return int(a.record - b.record)
	})
	x.domains = slices.Compact(x.domains)
	for i := 1; i < len(x.domains); i++ {
		a, b := x.domains[i-1], x.domains[i]
		if a.domain == b.domain && !d.Records[a.record].SameProvider(d.Records[b.record]) {
			r := d.Records[b.record]
			d.defect(DomainTwice, r.Line, r.DN, b.domain)
		}
	}
}

func add[K comparable](m map[K][]*Record, key K, r *Record) {
	if !slices.Contains(m[key], r) {
		m[key] = append(m[key], r)
	}
}

// Match is a record found by a certificate.
type Match struct {
	*Record
	// HashOnly: the record has the certificate's SHA-1 and not the certificate
	// itself. The norm finds records by the hash and then compares the
	// certificates (RFC 6109 §2.2.2); here there was nothing to compare.
	HashOnly bool
}

// ByCertificate finds the records that list a certificate: first those that hold
// it, then those that hold its SHA-1 only.
//
// spec: RFC 6109 §2.2.2, §4.5.1
func (d *Directory) ByCertificate(c *x509.Certificate) []Match {
	var out []Match
	for _, r := range d.certificates[sha256.Sum256(c.Raw)] {
		out = append(out, Match{Record: r})
	}
	for _, r := range d.hashes[sha1.Sum(c.Raw)] {
		out = append(out, Match{Record: r, HashOnly: true})
	}
	return out
}

// ByDomain finds the records of the providers that manage a domain, case and the
// two forms of internationalised names folded; nearly always none or one. A
// domain above it is another domain.
//
// spec: RFC 6109 §2.2.1, §4.5.5
func (d *Directory) ByDomain(domain string) []*Record {
	folded, ok := FoldDomain(domain)
	if !ok {
		return nil
	}
	var out []*Record
	i, _ := slices.BinarySearchFunc(d.domains, folded, func(m managed, s string) int { return strings.Compare(m.domain, s) })
	for ; i < len(d.domains) && d.domains[i].domain == folded; i++ {
		out = append(out, d.Records[d.domains[i].record])
	}
	return out
}

// ByAddress finds the records of the providers that manage an address's domain.
func (d *Directory) ByAddress(address string) []*Record {
	domain, ok := domainOf(address)
	if !ok {
		return nil
	}
	return d.ByDomain(domain)
}

// ByServiceAddress finds the records with a service mailbox, case folded.
func (d *Directory) ByServiceAddress(address string) []*Record {
	return slices.Clone(d.receipts[ldif.Fold(address)])
}

// Named finds the records of the provider that a certificate names, whether or not
// they list it: providerName is its organisation or common name, or else the host
// of its address is a managed domain or that of a service mailbox.
//
// spec: RFC 6109 §5.5.1, §7
func (d *Directory) Named(c *x509.Certificate) []*Record {
	var out []*Record
	for _, name := range append(slices.Clone(c.Subject.Organization), c.Subject.CommonName) {
		for _, r := range d.names[ldif.Fold(name)] {
			if name != "" && !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	if out != nil {
		return out
	}
	host, ok := domainOf(trust.Address(c))
	if !ok {
		return nil
	}
	if out = d.ByDomain(host); out != nil {
		return out
	}
	for _, r := range d.Records {
		if h, ok := domainOf(r.Receipt); ok && h == host {
			out = append(out, r)
		}
	}
	return out
}

// Manages reports whether a provider manages a domain: whether mail for it is
// certified.
//
// spec: RFC 6109 §2.2.1
func (d *Directory) Manages(domain string) bool { return len(d.ByDomain(domain)) > 0 }

// Certified reports whether a recipient has a certified mailbox, as far as its
// domain tells: type "certificato" in the acceptance, "esterno" if not.
//
// spec: RFC 6109 §2.2.1, §4.4
func (d *Directory) Certified(address string) bool { return len(d.ByAddress(address)) > 0 }

// ReceiptAddress returns where the taking in charge of an envelope goes, by the
// certificate that signed the envelope: the service mailbox of the record that
// lists it.
//
// spec: RFC 6109 §3.2.1
func (d *Directory) ReceiptAddress(c *x509.Certificate) (address string, ok bool) {
	for _, m := range d.ByCertificate(c) {
		if m.Receipt != "" {
			return m.Receipt, true
		}
	}
	return "", false
}
