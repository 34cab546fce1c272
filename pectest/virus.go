package pectest

import (
	"bytes"
	"io"

	"github.com/gopec/gopec/internal/mime"
)

// eicar is the test string that every virus scanner knows, cut in two so that
// scanners leave this file alone.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-` + `STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// virusName is what the circuit's scanner calls it, and the virus of FaultVirus.
const virusName = "Eicar-Test-Signature"

// virusIn looks for the test string in a mail, as it stands and in every part
// with its transfer encoding taken off. It returns the virus's name, "" if there
// is none. What cannot be decoded is looked at as far as it can.
//
// spec: RFC 6109 §3.1.3, §5.4
func virusIn(mail *mime.Entity) string {
	if holds(mail.Reader(mail.Raw, mime.Form{})) {
		return virusName
	}
	for e := range mail.All {
		if len(e.Parts) == 0 && e.Encoding != "7bit" && holds(e.Open(mime.Form{})) {
			return virusName
		}
	}
	return ""
}

// holds searches a stream in a fixed buffer.
func holds(r io.Reader) bool {
	b := make([]byte, 32<<10)
	kept := 0
	for {
		n, err := r.Read(b[kept:])
		if bytes.Contains(b[:kept+n], []byte(eicar)) {
			return true
		}
		if err != nil {
			return false
		}
		from := max(kept+n-len(eicar)+1, 0)
		kept = copy(b, b[from:kept+n])
	}
}
