// Package bundle keeps a PEC message together with what its verification rests
// on, so that it can be verified years later without a network: the message as
// it was given, the certificates of its path, the revocation lists and status
// responses that were used, time-stamps, and the report.
//
// A bundle is a zip archive. Its first entry, [ManifestName], lists all others
// with their SHA-256. Nothing is compressed, the entries have no date and stand
// in the order of the manifest: the same inputs give the same bytes, and a
// message of any size is verified where it lies.
//
//	pecverify-bundle.json   the manifest
//	messages/0001.eml       each message, byte for byte
//	certificates/…cer       of the paths, DER, named by their SHA-256
//	crl/…crl  ocsp/…ors     evidence about revocation, DER, named likewise
//	timestamps/0001.tsr     time-stamps as given
//	reports/0001.json .txt  what was found when the bundle was made
//
// A bundle is evidence, not authority. Anchors never come from it: whoever
// verifies it says whom to believe. The lists and responses in it are judged
// like any others, by their signatures. The hashes in the manifest tell damage,
// not forgery, since whoever changes an entry can change the manifest too; what
// cannot be changed is what providers, authorities and time-stamps signed.
//
// [Maker] writes one, and is not safe for concurrent use; [Open] reads one.
package bundle

import (
	"fmt"
	"time"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
)

// ManifestName is the name of the first entry.
const ManifestName = "pecverify-bundle.json"

// Schema names the form of the manifest.
const Schema = "pecverify-bundle/1"

// Limits.
const (
	MaxMessages = 20_000    // in one bundle
	MaxEntries  = 100_000   // files in one bundle, the manifest not counted
	MaxManifest = 32 << 20  // bytes
	MaxEntry    = 1<<32 - 2 // bytes of one file
	MaxEvidence = 32 << 20  // bytes of one certificate, list, response, time-stamp or report

	MaxTimestamps = pec.MaxStamps       // in one bundle
	MaxRevocation = revocation.MaxTotal // bytes of all lists and responses
)

// Role is what a file in a bundle is.
type Role string

// The roles.
const (
	RoleMessage     Role = "message"
	RoleCertificate Role = "certificate"
	RoleCRL         Role = "crl"
	RoleOCSP        Role = "ocsp"
	RoleTimestamp   Role = "timestamp"
	RoleReport      Role = "report"
)

// File is one entry.
type File struct {
	Path   string `json:"path"`
	Role   Role   `json:"role"`
	Size   int64  `json:"size"`           // bytes
	SHA256 string `json:"sha256"`         // lower-case hex
	Name   string `json:"name,omitempty"` // of a time-stamp: as it was given
}

// Entry is one message and what belongs to it: paths of Files.
type Entry struct {
	File         string   `json:"file"` // the name under which it was given
	Path         string   `json:"path"`
	Certificates []string `json:"certificates"` // from the signer up, inner layers after the outer one
	CRL          []string `json:"crl"`
	OCSP         []string `json:"ocsp"`
	Report       string   `json:"report"`     // one line, as pecverify -json writes it
	ReportText   string   `json:"reportText"` // for people
}

// Manifest is what the first entry says.
type Manifest struct {
	Schema  string     `json:"schema"`
	Created time.Time  `json:"created"`
	Program string     `json:"program"`
	Policy  pec.Policy `json:"policy"`
	// At is the reference time that was asked for: "certified", "now" or RFC 3339.
	At         string   `json:"at"`
	Notice     string   `json:"notice"`
	Messages   []Entry  `json:"messages"`
	Timestamps []string `json:"timestamps"` // for all messages
	Files      []File   `json:"files"`      // in the order of the archive
}

const notice = "Evidence, not authority: anchors never come from a bundle, and nothing in it is believed but for its signature. " +
	"Prova, non autorità: le ancore di fiducia non provengono mai da qui, e nulla è creduto se non per la sua firma."

// FormatError says why an archive is no bundle that can be read.
type FormatError struct {
	Path   string // of the entry, "" for the archive
	Reason string
}

func (e *FormatError) Error() string {
	if e.Path == "" {
		return "bundle: " + e.Reason
	}
	return "bundle: " + e.Path + ": " + e.Reason
}

// DamageError says that an entry is not the one that the manifest lists.
type DamageError struct{ Path string }

func (e *DamageError) Error() string {
	return "bundle: " + e.Path + ": not the file that the manifest lists"
}

// LimitError says which limit a bundle passes.
type LimitError struct {
	Limit string // messages, entries, manifest, entry, evidence, timestamps, revocation
	Max   int64
}

func (e *LimitError) Error() string {
	return fmt.Sprintf("bundle: limit passed: %s, %d", e.Limit, e.Max)
}
