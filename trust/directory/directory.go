// Package directory reads the directory of PEC providers (indice dei gestori)
// of RFC 6109 §4.5: an LDIF file that lists, for every provider, the
// certificates it signs with, the domains it manages, and the service mailbox
// for what providers send one another.
//
// [Read] takes a plain file. Nothing vouches for it, and
// [Directory.Authenticated] says so. [ReadSigned] takes the signed form (.p7m)
// and returns nothing unless the signature verifies under anchors that the
// caller names. [Parse] takes either.
//
// The directory of all providers is open to providers only, so most users have
// none; what the authority's constraints say (package trust) is the fallback. A
// directory names providers and their domains. It is no anchor: a certificate
// that is listed has no path because of it.
//
// What breaks the norm is told by [Directory.Defects] and never loses the other
// records. A value that cannot be read makes the directory incomplete
// ([Directory.Complete]), so that absence from it shows nothing.
//
// Limits: 64 MiB, lines of 1 MiB, 10,000 records, 10,000 certificates, 1,000,000
// domains, 1,000,000 values of one record; each is its own [*LimitError]. A
// Directory does not change and is safe for concurrent use; its slices must not
// be changed.
package directory

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gopec/gopec/internal/ldif"
	"github.com/gopec/gopec/trust"
)

// Limits of a directory. Each has its own LimitError.
const (
	MaxSize         = ldif.MaxSize   // bytes of the LDIF
	MaxLine         = ldif.MaxLine   // bytes of one line, joined
	MaxValues       = ldif.MaxValues // values of one record
	MaxRecords      = 10_000
	MaxCertificates = 10_000    // of all records
	MaxDomains      = 1_000_000 // of all records
)

// LimitError says which limit a file passed. Nothing of the file is used.
type LimitError struct {
	Limit string // "size", "line", "values", "records", "certificates" or "domains"
	Max   int64
	Line  int // where, from 1; 0 in a signed file whose size is the limit
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("directory: line %d: the limit of %d for %s was passed", e.Line, e.Max, e.Limit)
}

// ErrSigned says that a file given as plain LDIF is a signed one.
var ErrSigned = errors.New("directory: the file is signed; anchors are needed to read it")

// Options say what the reader of a directory knows besides its bytes. The zero
// value, and nil, mean nothing and the present time.
type Options struct {
	// Date is when the directory was made in the caller's word, such as the
	// file's time. The time in a signature counts before it.
	Date time.Time
	// Clock gives the present time; nil means time.Now.
	Clock func() time.Time
}

func (o *Options) date() time.Time {
	if o == nil {
		return time.Time{}
	}
	return o.Date
}

func (o *Options) now() time.Time {
	if o == nil || o.Clock == nil {
		return time.Now()
	}
	return o.Clock()
}

// DateSource says whose word the date of a directory is.
type DateSource string

// The sources of a date.
const (
	DateSigned  DateSource = "signature" // signing time
	DateGiven   DateSource = "given"     // by the caller
	DateRecords DateSource = "records"   // the last change of a record: the directory is not older
	DateUnknown DateSource = ""
)

// Directory is a directory that was read.
type Directory struct {
	Name     string // what the caller called the file
	SHA256   [sha256.Size]byte
	Records  []*Record // in the order of the file, without the base record
	Location string    // LDIFLocationURL of the base record: where the signed file is published
	// Whole: the file has the base record o=postacert, so that it lists all
	// providers. A provider's own file lists its own records only.
	Whole     bool
	Signature *Signature // nil for a plain file
	Defects   []Defect   // the first 1,000, in the order of the file
	More      int        // how many there are beyond these

	lost       bool // something could not be read
	date       time.Time
	dateSource DateSource
	index
}

// Authenticated reports whether a signature vouches for the directory.
func (d *Directory) Authenticated() bool { return d.Signature != nil }

// Complete reports whether what is not in the directory is in no directory of
// its date: it lists all providers, and all of it could be read.
func (d *Directory) Complete() bool { return d.Whole && !d.lost }

// Date returns when the directory was made, as far as is known.
func (d *Directory) Date() (time.Time, DateSource) { return d.date, d.dateSource }

// Read reads a plain directory. name is what reports call it. The error is a
// [*LimitError], ErrSigned, or the reader's.
//
// spec: RFC 6109 §4.5, RFC 2849
func Read(name string, r io.Reader, o *Options) (*Directory, error) {
	h := sha256.New()
	d, err := read(name, io.TeeReader(r, h))
	if err != nil {
		return nil, err
	}
	h.Sum(d.SHA256[:0])
	if d.date = o.date(); !d.date.IsZero() {
		d.dateSource = DateGiven
	} else if d.date = d.lastChange(); !d.date.IsZero() {
		d.dateSource = DateRecords
	}
	return d, nil
}

// Parse reads a directory in either form. A file that is not the one that the
// anchors ask for is an error: a plain file where anchors are given (ErrPlain),
// since anybody could have put it in the place of a signed one, and a signed file
// without anchors (ErrSigned).
func Parse(name string, b []byte, anchors *trust.Store, o *Options) (*Directory, error) {
	if anchors == nil {
		return Read(name, bytes.NewReader(b), o)
	}
	return ReadSigned(name, b, anchors, o)
}

// derSequence is the first byte of a signed file. No LDIF begins with it: "0"
// could only be an attribute, which cannot stand before a name.
const derSequence = 0x30

func read(name string, r io.Reader) (*Directory, error) {
	first := make([]byte, 1)
	switch _, err := io.ReadFull(r, first); {
	case err == io.EOF:
	case err != nil:
		return nil, fmt.Errorf("directory: %w", err)
	case first[0] == derSequence:
		return nil, ErrSigned
	default:
		r = io.MultiReader(bytes.NewReader(first), r)
	}
	b := &builder{Directory: &Directory{Name: name}}
	for record, err := range ldif.Records(r, ldif.Limits{Records: MaxRecords}) {
		if err == nil {
			err = b.take(record)
		}
		if err != nil {
			return nil, limit(err)
		}
	}
	return b.finish(), nil
}

// limit turns the reader's error into that of this package.
func limit(err error) error {
	if l, ok := errors.AsType[*ldif.LimitError](err); ok {
		return &LimitError{Limit: l.Limit, Max: l.Max, Line: l.Line}
	}
	if _, ok := errors.AsType[*LimitError](err); ok {
		return err
	}
	return fmt.Errorf("directory: %w", err)
}

// lastChange is the latest modification that a record tells.
func (d *Directory) lastChange() (last time.Time) {
	for _, r := range d.Records {
		if r.Changed.After(last) {
			last = r.Changed
		}
	}
	return last
}

// Record is the entry of one environment of a provider.
type Record struct {
	Provider string // providerName
	Unit     string // providerUnit: a secondary environment's name; "" for the main one
	DN       string
	Line     int // of the file, from 1

	Certificates []*x509.Certificate // providerCertificate
	Hashes       []Hash              // providerCertificateHash
	Receipt      string              // mailReceipt: the service mailbox
	Domains      []string            // managedDomains, folded by FoldDomain, in order
	// Location is LDIFLocationURL: where the provider publishes its signed
	// records. A secondary environment has that of the main one.
	Location    string
	Description []string
	Changed     time.Time // the last change that the directory's server noted; zero if unknown

	// Main is the provider's main environment: the record itself, or nil for a
	// secondary one whose main record is not there.
	Main *Record
}

// SameProvider reports whether two records are environments of one provider.
func (r *Record) SameProvider(o *Record) bool { return r == o || r.Main != nil && r.Main == o.Main }
