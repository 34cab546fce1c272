package pec_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

var errVerdictDisk = errors.New("il disco si è rotto")

// verdictDisk fails at some of the calls of ReadAt.
type verdictDisk struct {
	*bytes.Reader
	calls atomic.Int64
	fails func(call int64) bool
}

func (d *verdictDisk) ReadAt(p []byte, off int64) (int, error) {
	if d.fails(d.calls.Add(1)) {
		return 0, errVerdictDisk
	}
	return d.Reader.ReadAt(p, off)
}

// A message that cannot be read is not shown to be false: whichever read
// fails, once or from then on, there is an error and no verdict.
func TestVerdictDiskFails(t *testing.T) {
	t.Parallel()
	large := testsign.Part{Type: "application/octet-stream", Name: "grande.bin", Encoding: "base64", Body: []byte(strings.Repeat("contenuto ", 20_000))}
	for name, m := range map[string]testsign.Message{
		"one block":        {Kind: daticert.TypeDelivery},
		"several blocks":   {Kind: daticert.TypeDelivery, ExtraParts: []testsign.Part{large}},
		"mixed line ends":  {Kind: daticert.TypeDelivery, ExtraParts: []testsign.Part{large}, LineEnds: testsign.LFAlternate},
		"original encoded": {Kind: daticert.TypeTransport, ExtraParts: []testsign.Part{large}, OriginalPart: testsign.Part{Encoding: "base64"}},
		"opaque":           {Kind: daticert.TypeAcceptance, Opaque: true},
		"signature apart":  verdictApart(),
	} {
		mail := m.Bytes()
		for how, fails := range map[string]func(at int64) func(int64) bool{
			"once":         func(at int64) func(int64) bool { return func(call int64) bool { return call == at } },
			"from then on": func(at int64) func(int64) bool { return func(call int64) bool { return call >= at } },
			"every other one": func(at int64) func(int64) bool {
				return func(call int64) bool { return call >= at && (call-at)%2 == 0 }
			},
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				t.Parallel()
				for at := int64(1); ; at++ {
					require.Less(t, at, int64(1000))
					d := &verdictDisk{Reader: bytes.NewReader(mail), fails: fails(at)}
					err := verdictReadAndVerify(d, int64(len(mail)))
					if d.calls.Load() < at {
						require.NoError(t, err, "nothing failed")
						require.Greater(t, at, int64(1), "some reads were tried") // a small message is read once
						return
					}
					require.ErrorIs(t, err, errVerdictDisk, "read %d fails", at)
				}
			})
		}
	}
}

// verdictApart has its signature in another block than all else, so that a second
// opinion reads that block once more.
func verdictApart() testsign.Message {
	padding := strings.Repeat("X-Riempimento: "+strings.Repeat("x", 980)+"\r\n", 140)
	return testsign.Message{Kind: daticert.TypeAcceptance, Finish: func(mail []byte) []byte {
		i := bytes.LastIndex(mail, []byte("\nContent-Disposition: ")) + 1
		return slices.Concat(mail[:i], []byte(padding), mail[i:])
	}}
}

func verdictReadAndVerify(r *verdictDisk, size int64) error {
	m, err := pec.Read(r, size)
	if err != nil {
		return err
	}
	o := verdictOptions()
	o.SecondOpinion = true // which reads the signature once more
	report, err := pec.Verify(m, &o)
	if report != nil && !report.Certified {
		return fmt.Errorf("%s/%s of an authentic message: %v", report.Verdict, report.SubIndication, verdictFailed(report))
	}
	return err
}

// verdictSwitch shows other bytes from some call on.
type verdictSwitch struct {
	before, after *bytes.Reader
	calls         atomic.Int64
	at            int64
}

func (s *verdictSwitch) ReadAt(p []byte, off int64) (int, error) {
	if off == s.before.Size() {
		return s.before.ReadAt(p, off) // looks whether there is more, which stays so
	}
	if s.calls.Add(1) >= s.at {
		return s.after.ReadAt(p, off)
	}
	return s.before.ReadAt(p, off)
}

// A file that changes while it is being read: after the scan has seen it, any
// change is an error, in whatever part it is and whichever read finds it.
func TestVerdictChangedWhileReading(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeDelivery}.Bytes()
	base64Line := func(name string) int {
		i := bytes.Index(mail, []byte(`filename="`+name+`"`))
		return i + bytes.Index(mail[i:], []byte("\r\n\r\n")) + 6
	}
	for name, offset := range map[string]int{"signature": base64Line("smime.p7s"), "daticert": base64Line("daticert.xml"), "header": 3} {
		for what, by := range map[string]byte{"still base64": 'A', "not base64": '!'} {
			t.Run(name+", "+what, func(t *testing.T) {
				t.Parallel()
				other := bytes.Clone(mail)
				require.NotEqual(t, by, other[offset])
				other[offset] = by
				for at := int64(2); ; at++ { // the first is the scan's
					require.Less(t, at, int64(1000))
					s := &verdictSwitch{before: bytes.NewReader(mail), after: bytes.NewReader(other), at: at}
					m, err := pec.Read(s, int64(len(mail)))
					require.NoError(t, err)
					m.Release() // or else it would not be read again
					o := verdictOptions()
					o.SecondOpinion = true
					r, err := pec.Verify(m, &o)
					if s.calls.Load() < at {
						require.NoError(t, err)
						return
					}
					require.ErrorIs(t, err, smime.ErrChanged, "read %d shows other bytes", at)
					require.Nil(t, r)
				}
			})
		}
	}
}
