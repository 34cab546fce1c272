package pec

import (
	"errors"
	"fmt"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
)

// Limits bound what one message may cost. A zero field means the default given
// beside it. The limits of a signature are constants: [MaxSignature],
// [MaxSignatureDepth] and [MaxCertificates]; so is [MaxLayers].
type Limits struct {
	Message  int64 // bytes of a message read from an io.ReaderAt; 512 MiB
	Stream   int64 // bytes of a message read from an io.Reader, which is held in memory; 64 MiB
	Parts    int   // parts of a message, all depths; 10,000
	Nesting  int   // depth of parts and enclosed messages; 20
	Header   int   // bytes of one header block; 1 MiB
	Daticert int   // bytes of daticert.xml; 1 MiB
	Inner    int64 // bytes of all enclosed messages that are base64 or quoted-printable; 16 MiB
}

// Limits of a signature.
const (
	MaxSignature      = cms.MaxSize         // bytes
	MaxSignatureDepth = cms.MaxDepth        // levels of nesting
	MaxCertificates   = cms.MaxCertificates // certificates in it
)

// MaxLayers is how many PEC messages inside one mail are read. One more stands
// in the report as a layer that passed a limit, and the others are left out: a
// mail of a megabyte could hold ten thousand of them.
const MaxLayers = 1000

const defaultInner = 16 << 20

func (l Limits) withDefaults() Limits {
	def := func(p *int64, d int64) {
		if *p == 0 {
			*p = d
		}
	}
	def(&l.Message, 512<<20)
	def(&l.Stream, 64<<20)
	def(&l.Inner, defaultInner)
	if l.Daticert == 0 {
		l.Daticert = 1 << 20
	}
	return l
}

func (l Limits) mime() *mime.Limits {
	return &mime.Limits{Message: l.Message, Parts: l.Parts, Nesting: l.Nesting, Header: l.Header, Inner: l.Inner}
}

// LimitError says that a message passed a limit, so that nothing can be said
// of it.
type LimitError struct {
	Limit string // name of the field of Limits in lower case, or "signature", "signature-depth", "certificates", "layers", "daticert-depth", "daticert-markup"
	Max   int64
	Path  string // MIME position where it happened
}

// Error names the limit, its value and the place.
func (e *LimitError) Error() string {
	where := ""
	if e.Path != "" {
		where = " in part " + e.Path
	}
	return fmt.Sprintf("pec: limit passed%s: %s, %d", where, e.Limit, e.Max)
}

// limitError turns a lower package's limit into ours; nil if err is none.
func limitError(err error) *LimitError {
	if e, ok := errors.AsType[*LimitError](err); ok {
		return e
	}
	if e, ok := errors.AsType[*mime.LimitError](err); ok {
		return &LimitError{Limit: e.Limit, Max: e.Max, Path: e.Path}
	}
	if e, ok := errors.AsType[*daticert.SizeError](err); ok {
		return &LimitError{Limit: "daticert", Max: int64(e.Max)}
	}
	if e, ok := errors.AsType[*daticert.DepthError](err); ok {
		return &LimitError{Limit: "daticert-depth", Max: int64(e.Max)}
	}
	if e, ok := errors.AsType[*daticert.MarkupError](err); ok {
		return &LimitError{Limit: "daticert-markup", Max: int64(e.Max)}
	}
	return nil
}

// signatureLimit returns the limit that a signature, or the content inside an
// opaque one, passed; nil if none.
func signatureLimit(s *smime.Signed) *LimitError {
	if le := s.Limit(); le != nil {
		return &LimitError{Limit: le.Limit, Max: le.Max, Path: s.Carrier().Path}
	}
	for _, p := range s.Problems {
		if p.Limit {
			return &LimitError{Limit: signatureLimits[p.Code].name, Max: signatureLimits[p.Code].max, Path: s.Carrier().Path}
		}
	}
	return nil
}

var signatureLimits = map[string]struct {
	name string
	max  int64
}{
	cms.CodeTooLarge:            {"signature", MaxSignature},
	cms.CodeTooDeep:             {"signature-depth", MaxSignatureDepth},
	cms.CodeTooManyCertificates: {"certificates", MaxCertificates},
}
