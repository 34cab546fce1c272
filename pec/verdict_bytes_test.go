package pec_test

import (
	"bytes"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// verdictSignedRange returns where the signed part stands in the mail: from
// behind the first delimiter to the line end before the next one, found by the
// boundary as text and not by any parser.
func verdictSignedRange(t *testing.T, mail []byte) (start, end int) {
	t.Helper()
	_, rest, ok := bytes.Cut(mail, []byte(`boundary="`))
	require.True(t, ok)
	boundary, _, ok := bytes.Cut(rest, []byte(`"`))
	require.True(t, ok)
	eol := "\n"
	if bytes.Contains(mail, []byte("\r\n")) {
		eol = "\r\n"
	}
	delimiter := []byte("\n--" + string(boundary) + eol)
	start = bytes.Index(mail, delimiter) + len(delimiter)
	end = start + bytes.Index(mail[start:], delimiter)
	if mail[end-1] == '\r' {
		end--
	}
	return start, end
}

func verdictCanonical(b []byte) []byte {
	unix := bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n"))
	return bytes.ReplaceAll(unix, []byte("\n"), []byte("\r\n"))
}

// verdictMutation changes one place of the signed part.
type verdictMutation struct {
	what string
	at   int
	// remove bytes there, then put insert there
	remove int
	insert []byte
}

func (m verdictMutation) apply(part []byte) []byte {
	return slices.Concat(part[:m.at], m.insert, part[m.at+m.remove:])
}

// verdictMutations flips every byte, every second one in another way too, and
// at every seventh place deletes one and inserts one.
func verdictMutations(part []byte) []verdictMutation {
	const inserted = "x-> \r\x00"
	var all []verdictMutation
	flip := func(at int, mask byte) {
		all = append(all, verdictMutation{fmt.Sprintf("flip %#x", mask), at, 1, []byte{part[at] ^ mask}})
	}
	insert := func(at int, c byte) {
		all = append(all, verdictMutation{fmt.Sprintf("insert %q", c), at, 0, []byte{c}})
	}
	for at := range part {
		flip(at, 0x01)
		switch at % 4 {
		case 0:
			flip(at, 0x20)
		case 2:
			flip(at, 0x80)
		}
		if at%7 == 0 {
			all = append(all, verdictMutation{"delete", at, 1, nil})
			insert(at, '\n')
			insert(at, inserted[at/7%len(inserted)])
		}
	}
	return all
}

// Any byte of the signed part changed, added or taken away is a digest that
// differs: in text, in MIME headers, in inner boundaries, in the certification
// data, in the enclosed mail. The slice is cut by the outer boundary alone, so
// that no damage inside turns into anything else. The one exception is the form
// of a line end, which transport may change.
func TestVerdictEveryByte(t *testing.T) {
	t.Parallel()
	concise := daticert.Data{Receipt: daticert.ReceiptBrief}
	for _, c := range []struct {
		name    string
		message testsign.Message
	}{
		{"CRLF", testsign.Message{Kind: daticert.TypeDelivery, Data: concise, TextOnly: true}},
		{"LF", testsign.Message{Kind: daticert.TypeDelivery, Data: concise, TextOnly: true, LineEnds: testsign.LF}},
		{"boundaries that begin alike", testsign.Message{Kind: daticert.TypeAcceptance, TextOnly: true, PrefixBoundaries: true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mail := c.message.Bytes()
			start, end := verdictSignedRange(t, mail)
			part := mail[start:end]
			require.Equal(t, string(c.message.SignedPart()), string(verdictCanonical(part)))
			original := verdictOf(t, mail, verdictOptions())
			require.True(t, original.Certified)

			mutations := verdictMutations(part)
			if testing.Short() {
				mutations = slices.DeleteFunc(mutations, func(m verdictMutation) bool { return m.at%8 != 0 })
			}
			var next, differ, lineEnds atomic.Int64
			var workers sync.WaitGroup
			for range min(runtime.GOMAXPROCS(0), 4) {
				workers.Go(func() {
					for {
						i := int(next.Add(1)) - 1
						if i >= len(mutations) || t.Failed() {
							return
						}
						if err := verdictTry(mail, start, end, mutations[i], original, &differ, &lineEnds); err != nil {
							t.Errorf("%s at byte %d of the signed part, %.20q: %v", mutations[i].what, mutations[i].at, part[mutations[i].at:], err)
						}
					}
				})
			}
			workers.Wait()
			t.Logf("%d changes of %d bytes: %d digests differ, %d line ends", len(mutations), len(part), differ.Load(), lineEnds.Load())
			require.Equal(t, len(mutations), int(differ.Load()+lineEnds.Load()))
			require.Greater(t, differ.Load(), int64(len(part)/8))
		})
	}
}

// verdictTry verifies one changed message. It does without testify, whose
// assertions would cost more than the verification.
func verdictTry(mail []byte, start, end int, change verdictMutation, original *pec.Report, differ, lineEnds *atomic.Int64) error {
	part := change.apply(mail[start:end])
	changed := slices.Concat(mail[:start], part, mail[end:])
	m, err := pec.Read(bytes.NewReader(changed), int64(len(changed)))
	if err != nil {
		return err
	}
	o := verdictOptions()
	r, err := pec.Verify(m, &o)
	if r == nil {
		return fmt.Errorf("no verdict: %w", err)
	}
	if bytes.Equal(verdictCanonical(part), verdictCanonical(mail[start:end])) {
		lineEnds.Add(1)
		if !r.Certified || string(r.Data.Raw()) != string(original.Data.Raw()) {
			return fmt.Errorf("only a line end changed its form: %w", err)
		}
		return nil
	}
	differ.Add(1)
	if err == nil || r.Certified || r.Verdict != pec.TotalFailed || r.SubIndication != pec.HashFailure {
		return fmt.Errorf("verdict %s/%s, certified %v: %v", r.Verdict, r.SubIndication, r.Certified, verdictFailed(r))
	}
	if r.Proves != pec.ProvesNothing || r.Check(pec.CheckDigest).Status != pec.Fail {
		return fmt.Errorf("proves %s, digest %s", r.Proves, r.Check(pec.CheckDigest).Status)
	}
	return nil
}
