package mime

import "fmt"

// Limits bound a scan. A zero field means the default given beside it.
type Limits struct {
	Message int64 // bytes of the whole message; 512 MiB
	Parts   int   // entities of all depths, the message itself included; 10,000
	Nesting int   // depth of multipart and message/rfc822; 20
	Header  int   // bytes of one header block, and a quarter of all of them together; 1 MiB
	Inner   int64 // bytes of a message decoded from an encoded part; 16 MiB
}

// totalHeaders is how many header blocks of the largest size one message may
// have: headers are the only part of a message that a scan holds in memory.
const totalHeaders = 4

func (l *Limits) withDefaults() Limits {
	var out Limits
	if l != nil {
		out = *l
	}
	if out.Message == 0 {
		out.Message = 512 << 20
	}
	if out.Parts == 0 {
		out.Parts = 10_000
	}
	if out.Nesting == 0 {
		out.Nesting = 20
	}
	if out.Header == 0 {
		out.Header = 1 << 20
	}
	if out.Inner == 0 {
		out.Inner = 16 << 20
	}
	return out
}

// LimitError says which limit a message passed.
type LimitError struct {
	Limit string // "message", "parts", "nesting", "header", "inner"
	Max   int64
	Path  string // entity where it happened
}

func (e *LimitError) Error() string {
	where := "the message"
	if e.Path != "" {
		where = "part " + e.Path
	}
	return fmt.Sprintf("mime: %s passes the limit %s of %d", where, e.Limit, e.Max)
}
