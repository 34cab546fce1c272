package mime

import (
	"bytes"
	"strings"
)

// mailFields are those of which nearly every stored mail has one near its top.
// Names that other formats use too (Subject, To, Content-Type) do not count.
//
// spec: RFC 5322 §3.6
var mailFields = map[string]bool{
	"from": true, "date": true, "message-id": true, "mime-version": true,
	"received": true, "return-path": true, "delivered-to": true,
	"x-trasporto": true, "x-ricevuta": true,
}

// LooksLikeMail reports whether the first bytes of a file start a mail: after
// an optional byte order mark and mbox From line, header fields with at least
// one that every mail has.
func LooksLikeMail(head []byte) bool {
	head = bytes.TrimPrefix(head, bom)
	if bytes.HasPrefix(head, mboxFrom) {
		_, head = cutLine(head)
	}
	for first := true; len(head) > 0; first = false {
		var line []byte
		line, head = cutLine(head)
		if !first && isBlank(line[0]) {
			continue
		}
		name, _ := fieldName(line)
		if name == 0 {
			return false // the end of the header, or no header at all
		}
		if mailFields[strings.ToLower(string(line[:name]))] {
			return true
		}
	}
	return false
}
