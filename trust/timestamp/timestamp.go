// Package timestamp reads time-stamps of RFC 3161 and judges whether one proves
// that a file existed at a time: the proof of existence that a signature needs
// once its signer's certificate has expired.
//
//	stamp, err := timestamp.Parse("receipt.tsr", b)      // .tsr, .tst, .tsd
//	digests, err := timestamp.Hash(file, stamp)           // one pass, any number of stamps
//	result := stamp.Verify(digests, timestamp.Options{Anchors: anchors})
//	if result.Verified {
//		// the file existed at result.Latest
//	}
//
// A stamp is a proof if its token passes the signature checks of package
// internal/cms under a profile of its own, its imprint is that of the file (or of
// the file's SHA-256), and its signer leads to an authority that the caller names
// in a [trust.TimestampStore], valid at the time of the stamp, with timeStamping as
// its one and critical purpose. No authority is built in.
//
// What is not checked: whether the authority's certificate had been revoked. The
// revocation lists that a .tsd can hold are not read.
//
// Limits: [MaxFile], [MaxToken], [MaxEvidence], [MaxInteger]; each is its own
// [LimitError]. A file is not copied, but for one in BER, which is brought to DER. Values
// may be used by several goroutines at once and do not change.
//
// spec: RFC 3161, RFC 5816, RFC 5544
package timestamp

import (
	"crypto"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/cms"
)

// Limits.
const (
	MaxFile     = 64 << 20    // bytes of a file; a .tsd may hold the message
	MaxToken    = cms.MaxSize // bytes of one token
	MaxEvidence = 16          // tokens in a .tsd
	MaxInteger  = 64          // octets of serial number and nonce
)

// UnstatedAccuracy is added to the time of a stamp that states no accuracy.
// Qualified authorities keep within a second (ETSI EN 319 421 §7.7.2); of others
// nothing is known.
const UnstatedAccuracy = time.Minute

// Form is the form of a file.
type Form string

// The forms.
const (
	Response    Form = "response"     // TimeStampResp of RFC 3161, .tsr
	Token       Form = "token"        // TimeStampToken, a CMS SignedData; .tst, .p7s
	StampedData Form = "stamped-data" // TimeStampedData of RFC 5544, .tsd
)

// Imprint is the digest that was stamped.
type Imprint struct {
	Algorithm crypto.Hash // 0 for one that is not known
	Name      string      // "SHA-256", or the object identifier
	Digest    []byte
}

// Metadata is what a .tsd says of its content. It is stamped too if Protected is
// set, and anybody's word otherwise.
type Metadata struct {
	Protected           bool
	FileName, MediaType string
}

// Stamp is what one time-stamp says. Nothing in it is verified.
type Stamp struct {
	Name     string // of the file, as given to Parse
	Form     Form
	Time     time.Time     // genTime, in UTC
	Accuracy time.Duration // around Time; 0 if not stated
	// AccuracyStated: an accuracy is stated.
	AccuracyStated bool
	Policy         string // object identifier, in dots
	Serial         *big.Int
	Nonce          *big.Int // nil if there is none
	Ordering       bool
	TSA            string // the authority's name as the stamp has it, "" without one
	Imprint        Imprint

	// Of a .tsd.
	Metadata *Metadata // nil if there is none
	// HasContent: the stamped file is inside. It is not looked at: what counts is
	// the file that the stamp is held against.
	HasContent bool
	// Renewals are the further tokens of a .tsd, each over the one before, by
	// which a stamp outlives its authority's certificate.
	Renewals []*Stamp

	token    []byte // DER
	content  []byte // TSTInfo
	prefix   []byte // what is hashed before the file
	tsa      []byte // directoryName in tsa, with header; nil if it is not one
	critical string // a critical extension, "" without one
	evidence []byte // the TimeStampAndCRL, DER, which a renewal is over
}

// Latest returns the latest time at which the stamp can have been made: Time and
// Accuracy, or UnstatedAccuracy.
func (s *Stamp) Latest() time.Time { return s.Time.Add(s.tolerance()) }

func (s *Stamp) tolerance() time.Duration {
	if s.AccuracyStated {
		return s.Accuracy
	}
	return UnstatedAccuracy
}

// SyntaxError says that a file holds no time-stamp that can be read.
type SyntaxError struct {
	Name   string // of the file
	Reason string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("timestamp: %s: %s", e.Name, e.Reason) }

// LimitError says that a file passed a limit.
type LimitError struct {
	Name  string // of the file
	Limit string // "file", "token", "depth", "evidence" or "integer"
	Max   int
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("timestamp: %s: limit passed: %s, %d", e.Name, e.Limit, e.Max)
}

// StatusError says that a file is the answer of an authority that made no stamp.
//
// spec: RFC 3161 §2.4.2
type StatusError struct {
	Name     string // of the file
	Status   string // "rejection", or the number of one that is not known
	Text     string // in the authority's words, "" without any; outside text
	Failures []string
}

func (e *StatusError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "timestamp: %s: the authority made no stamp: %s", e.Name, e.Status)
	if len(e.Failures) > 0 {
		fmt.Fprintf(&b, " (%s)", strings.Join(e.Failures, ", "))
	}
	if e.Text != "" {
		fmt.Fprintf(&b, ": %q", e.Text)
	}
	return b.String()
}
