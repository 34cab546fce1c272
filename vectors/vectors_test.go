package vectors_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/vectors"
)

// Every vector through the library, from a stream and from a file, at the first
// and at the last present time for which it holds.
func TestLibrary(t *testing.T) {
	t.Parallel()
	stores := &stores{}
	n := 0
	for v := range vectors.All() {
		n++
		t.Run(v.ID, func(t *testing.T) {
			t.Parallel()
			for name, read := range readers(t, v) {
				for _, clock := range clocks(t, v) {
					o := options(t, v, stores)
					o.Clock = func() time.Time { return clock }
					report, code := library(t, read, &o)
					requireExpected(t, v, report, code, name)
				}
			}
		})
	}
	require.NotZero(t, n, "no vectors were run")
}

// readers are the two ways in which the library opens a mail.
func readers(t *testing.T, v vectors.Vector) map[string]func() (*pec.Message, error) {
	t.Helper()
	return map[string]func() (*pec.Message, error){
		"ReadAll": func() (*pec.Message, error) { return pec.ReadAll(bytes.NewReader(v.Mail())) },
		"Read": func() (*pec.Message, error) {
			f, err := os.Open(v.File)
			require.NoError(t, err)
			t.Cleanup(func() { f.Close() })
			info, err := f.Stat()
			require.NoError(t, err)
			return pec.Read(f, info.Size())
		},
	}
}

// library verifies as a caller does, and gives the report in its JSON form, or
// the code of the error.
func library(t *testing.T, read func() (*pec.Message, error), o *pec.VerifyOptions) (report []byte, code string) {
	t.Helper()
	m, err := read()
	if err == nil {
		var r *pec.Report
		if r, err = pec.Verify(m, o); r != nil {
			require.Equal(t, r.Certified, err == nil, "the error is nil if and only if the message is certified")
			b, err := json.Marshal(r)
			require.NoError(t, err)
			return b, ""
		}
	}
	if _, ok := errors.AsType[*pec.LimitError](err); ok {
		return nil, string(pec.ErrorLimit)
	}
	t.Fatalf("neither report nor limit: %v", err)
	return nil, ""
}

// clocks are the present times for which a vector holds: one, or the bounds.
func clocks(t *testing.T, v vectors.Vector) []time.Time {
	t.Helper()
	if v.Options.Clock == "any" {
		c := vectors.Set().Clock
		return []time.Time{c.From, c.Until}
	}
	return []time.Time{instant(t, v.Options.Clock)}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, s)
	require.NoError(t, err)
	return at
}

func options(t *testing.T, v vectors.Vector, s *stores) pec.VerifyOptions {
	t.Helper()
	o := pec.VerifyOptions{Trust: s.of(t, v.Options.Trust), Policy: pec.Policy(v.Options.Policy)}
	switch v.Options.At {
	case "certified":
	case "now":
		o.AtNow = true
	default:
		o.At = instant(t, v.Options.At)
	}
	return o
}

// stores are the trust stores in use, one for each set of anchors, so that what
// one vector leaves behind in them meets the others.
type stores struct {
	mu  sync.Mutex
	all map[string]*trust.Store
}

func (s *stores) of(t *testing.T, anchors []string) *trust.Store {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.Join(anchors, " ")
	if s.all[key] == nil {
		var pem []byte
		for _, a := range anchors {
			if a != "agid" {
				pem = append(pem, anchorFile(t, a)...)
			}
		}
		if s.all == nil {
			s.all = make(map[string]*trust.Store)
		}
		s.all[key] = store(t, slices.Contains(anchors, "agid"), pem)
	}
	return s.all[key]
}

func store(t *testing.T, agid bool, pem []byte) *trust.Store {
	t.Helper()
	if len(pem) == 0 {
		return trust.AgID()
	}
	certificates, err := trust.ParseAnchors(pem)
	require.NoError(t, err)
	s, err := trust.NewStore(agid, certificates...)
	require.NoError(t, err)
	return s
}

func anchorFile(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	require.NoError(t, err)
	return b
}
