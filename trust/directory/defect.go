package directory

import (
	"fmt"
	"strings"

	"github.com/gopec/gopec/internal/ldif"
)

// Code is a kind of defect. Codes are stable. Those of LDIF itself are written
// by the same names as in RFC 2849's terms: no-dn, no-blank-line, change-record,
// no-colon, attribute-name, base64, url-value, stray-fold, not-ascii,
// byte-order-mark, version-place.
type Code string

// The defects of records, beside those of LDIF.
const (
	BlankLine       Code = "blank-line-inside"        // the record went on after a blank line
	DNMalformed     Code = "dn-malformed"             // the name of the record cannot be read
	EntryUnknown    Code = "entry-unknown"            // neither the base nor a provider
	Duplicate       Code = "duplicate-record"         // a second record of the same name
	NameMissing     Code = "name-missing"             // no providerName
	NameDiffers     Code = "name-differs"             // providerName is not that of the record's name
	UnitDiffers     Code = "unit-differs"             // nor is providerUnit
	Orphan          Code = "main-record-missing"      // a secondary environment without a main one
	Several         Code = "several-values"           // of an attribute that has one
	BadCertificate  Code = "certificate-unreadable"   // the hash may still be there
	NoCertificate   Code = "certificate-missing"      //
	BadHash         Code = "hash-malformed"           // not 40 hex digits
	HashMissing     Code = "hash-missing"             // a certificate without its hash
	HashAlone       Code = "hash-without-certificate" // a hash without its certificate
	ReceiptMissing  Code = "receipt-missing"          // no mailReceipt
	BadReceipt      Code = "receipt-malformed"        // not an address
	DomainsMissing  Code = "domains-missing"          // no managedDomains
	BadDomain       Code = "domain-malformed"         // not a domain
	Wildcard        Code = "domain-wildcard"          // it means nothing and matches nothing
	DomainTwice     Code = "domain-of-several"        // managed by two providers
	BadLocation     Code = "location-not-https"       //
	UnitHasLocation Code = "location-of-secondary"    // the main environment's holds
)

var sentences = map[Code]string{
	Code(ldif.NoDN): "the record does not begin with a name", Code(ldif.DNInside): "no blank line before the record",
	Code(ldif.Change): "a change record, which is not read", Code(ldif.NoColon): "a line without a colon",
	Code(ldif.BadName): "not the name of an attribute", Code(ldif.BadBase64): "the value is not base64",
	Code(ldif.URLValue): "the value is given by URL, which is neither fetched nor opened", Code(ldif.StrayFold): "a continuation line with nothing to continue",
	Code(ldif.NotASCII): "the value has bytes that are not ASCII and is not base64", Code(ldif.ByteMark): "the file begins with a byte-order mark",
	Code(ldif.VersionPlace): "a version that is not at the beginning of the file",

	BlankLine: "the record goes on after a blank line", DNMalformed: "the name of the record cannot be read",
	EntryUnknown: "the record is neither the base of the directory nor a provider's", Duplicate: "a second record of the same name; the first is used",
	NameMissing: "providerName is missing; the name of the record is used", NameDiffers: "providerName is not that in the name of the record",
	UnitDiffers: "providerUnit is not that in the name of the record", Orphan: "a secondary environment whose main record is missing",
	Several: "several values where there is one; the first is used", BadCertificate: "the certificate cannot be read",
	NoCertificate: "there is no certificate", BadHash: "the hash is not a SHA-1 in hexadecimal digits",
	HashMissing: "the hash of a certificate is missing", HashAlone: "a hash without its certificate",
	ReceiptMissing: "mailReceipt is missing", BadReceipt: "mailReceipt is not an address",
	DomainsMissing: "there are no managed domains", BadDomain: "not a domain",
	Wildcard: "a wildcard, which means nothing here", DomainTwice: "the domain is managed by several providers",
	BadLocation: "LDIFLocationURL is not an https address", UnitHasLocation: "a secondary environment has no LDIFLocationURL of its own",
}

// loses says which defects mean that something was not read.
var loses = map[Code]bool{
	Code(ldif.NoDN): true, Code(ldif.Change): true, Code(ldif.NoColon): true, Code(ldif.BadName): true, Code(ldif.BadBase64): true,
	Code(ldif.URLValue): true, Code(ldif.StrayFold): true,
	DNMalformed: true, EntryUnknown: true, Duplicate: true, BadCertificate: true, BadHash: true, BadDomain: true,
}

// Defect is one thing in which a directory breaks the norm or LDIF.
type Defect struct {
	Code Code
	Line int    // of the file, from 1
	DN   string // of the record, as it is written; outside text
	Fact string // what it is about, at most 100 bytes of outside text; may be ""
}

// String says the defect in English, outside text quoted.
func (d Defect) String() string {
	s := fmt.Sprintf("line %d: %s", d.Line, sentences[d.Code])
	if d.Fact != "" {
		s += fmt.Sprintf(" (%q)", d.Fact)
	}
	return s
}

// maxDefects bounds what is kept of a file in which everything is wrong.
const maxDefects = 1000

func (d *Directory) defect(code Code, line int, dn, fact string) {
	d.lost = d.lost || loses[code]
	if len(d.Defects) >= maxDefects {
		d.More++
		return
	}
	d.Defects = append(d.Defects, Defect{code, line, dn, strings.Clone(fact[:min(len(fact), 100)])})
}
