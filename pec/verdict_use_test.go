package pec_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
)

// One Message, verified by many at once: every report is the same, and reading
// contents meanwhile disturbs nobody. The race detector watches.
func TestVerdictConcurrent(t *testing.T) {
	t.Parallel()
	quoted := testsign.Message{Kind: daticert.TypeTransport, LineEnds: testsign.LFAlternate}
	opaque := testsign.Message{Kind: daticert.TypeDelivery, Opaque: true}
	nested := testsign.Message{Kind: testsign.Anomaly, Original: testsign.Message{Kind: daticert.TypeDelivery}.Bytes()}
	for name, message := range map[string]testsign.Message{
		"delivery": {Kind: daticert.TypeDelivery}, "mixed line ends": quoted, "opaque": opaque, "inner layer": nested,
		"not certified": {Kind: daticert.TypeDelivery, AfterSign: verdictChanged},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "messaggio.eml")
			require.NoError(t, os.WriteFile(path, message.Bytes(), 0o600))
			f, err := os.Open(path)
			require.NoError(t, err)
			t.Cleanup(func() { f.Close() })
			info, err := f.Stat()
			require.NoError(t, err)
			m, err := pec.Read(f, info.Size())
			require.NoError(t, err)
			o := verdictOptions()
			o.SecondOpinion = true
			want, err := pec.Verify(m, &o)
			verdictContract(t, want, err)

			var all sync.WaitGroup
			reports := make([][]byte, 8)
			for i := range reports {
				all.Go(func() {
					r, err := pec.Verify(m, &o)
					if r == nil || (err == nil) != r.Certified {
						return
					}
					if inside := r.Message.Original(); inside != nil {
						if _, err := io.Copy(io.Discard, inside.Open()); err != nil {
							return
						}
					}
					reports[i], _ = json.Marshal(r)
				})
			}
			all.Wait()
			first, err := json.Marshal(want)
			require.NoError(t, err)
			for _, r := range reports {
				require.JSONEq(t, string(first), string(r))
			}
		})
	}
}

// A file that changes after Read gives a verdict about the message that was read,
// as long as that is in memory, and no verdict as soon as it has to be read again:
// neither a good one nor a bad one would be about that message.
func TestVerdictFileChanged(t *testing.T) {
	t.Parallel()
	mail := testsign.Message{Kind: daticert.TypeDelivery}.Bytes()
	start, end := verdictSignedRange(t, mail)
	for _, c := range []struct {
		name, reason string
		change       func(t *testing.T, f *os.File)
	}{
		{"a signed byte", "the digest would be of other bytes", func(t *testing.T, f *os.File) {
			_, err := f.WriteAt([]byte{mail[start+100] ^ 1}, int64(start+100))
			require.NoError(t, err)
		}},
		{"the same size, other content", "the facts would be of another message", func(t *testing.T, f *os.File) {
			_, err := f.WriteAt(bytes.Repeat([]byte("x"), end-start), int64(start))
			require.NoError(t, err)
		}},
		{"cut off", "bytes are missing", func(t *testing.T, f *os.File) { require.NoError(t, f.Truncate(int64(end-1))) }},
		{"emptied", "bytes are missing", func(t *testing.T, f *os.File) { require.NoError(t, f.Truncate(0)) }},
		{"grown", "somebody is still writing", func(t *testing.T, f *os.File) {
			_, err := f.WriteAt([]byte("altro\r\n"), int64(len(mail)))
			require.NoError(t, err)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			f, err := os.OpenFile(filepath.Join(t.TempDir(), "messaggio.eml"), os.O_RDWR|os.O_CREATE, 0o600)
			require.NoError(t, err)
			t.Cleanup(func() { f.Close() })
			_, err = f.Write(mail)
			require.NoError(t, err)
			m, err := pec.Read(f, int64(len(mail)))
			require.NoError(t, err)
			o := verdictOptions()
			c.change(t, f)
			r, err := pec.Verify(m, &o)
			require.NoError(t, err)
			require.Equal(t, "destinatario@pec.example.com", r.Data.Delivery)
			_, err = io.Copy(io.Discard, m.Original().Raw())
			require.ErrorIs(t, err, smime.ErrChanged, c.reason)
			r, err = pec.Verify(m, &o)
			require.ErrorIs(t, err, smime.ErrChanged, c.reason)
			require.Nil(t, r)
		})
	}
}

// The same for bytes in memory, which change when a caller uses one buffer for
// many messages. An attacker who knows of that sends two messages alike: one
// with certification data of his own under a signature that is another's, and
// after it the other.
func TestVerdictBufferReused(t *testing.T) {
	t.Parallel()
	authentic := testsign.Message{Kind: daticert.TypeDelivery}.Bytes()
	forged := verdictForgeDaticert(t, authentic)
	require.Len(t, forged, len(authentic))
	require.Equal(t, pec.HashFailure, verdictOf(t, forged, verdictOptions()).SubIndication)

	o := verdictOptions()
	t.Run("buffer", func(t *testing.T) {
		t.Parallel()
		buffer := bytes.Clone(forged)
		m, err := pec.Read(bytes.NewReader(buffer), int64(len(buffer)))
		require.NoError(t, err)
		copy(buffer, authentic)
		r, err := pec.Verify(m, &o)
		verdictContract(t, r, err)
		require.Equal(t, pec.HashFailure, r.SubIndication, "the forged one was read")
		r, err = pec.Verify(m, &o)
		require.ErrorIs(t, err, smime.ErrChanged)
		require.Nil(t, r)
	})
	t.Run("reader", func(t *testing.T) {
		t.Parallel()
		reader := strings.NewReader(string(forged))
		m, err := pec.Read(reader, int64(len(forged)))
		require.NoError(t, err)
		reader.Reset(string(authentic))
		m.Release()
		r, err := pec.Verify(m, &o)
		require.ErrorIs(t, err, smime.ErrChanged)
		require.Nil(t, r)
	})
	t.Run("copy", func(t *testing.T) {
		t.Parallel()
		buffer := bytes.Clone(authentic)
		m, err := pec.ReadAll(bytes.NewReader(buffer))
		require.NoError(t, err)
		copy(buffer, forged)
		r, err := pec.Verify(m, &o)
		require.NoError(t, err, "ReadAll has bytes of its own")
		require.Equal(t, "destinatario@pec.example.com", r.Data.Delivery)
	})
}

// verdictForgeDaticert exchanges the recipient inside the encoded daticert.xml,
// without changing a length.
func verdictForgeDaticert(t *testing.T, mail []byte) []byte {
	t.Helper()
	xml := testsign.Message{Kind: daticert.TypeDelivery}.DatiCert()
	lines := func(b []byte) []byte {
		text := base64.StdEncoding.EncodeToString(b)
		var out []string
		for len(text) > 64 {
			out, text = append(out, text[:64]), text[64:]
		}
		return []byte(strings.Join(append(out, text), "\r\n"))
	}
	other := bytes.ReplaceAll(xml, []byte("destinatario@pec.example.com"), []byte("malintenzion@pec.example.com"))
	require.NotEqual(t, string(xml), string(other))
	require.Contains(t, string(mail), string(lines(xml)))
	return bytes.Replace(mail, lines(xml), lines(other), 1)
}

// The error that says "not certified" comes with the report, and any other
// without one.
func TestVerdictErrors(t *testing.T) {
	t.Parallel()
	o := verdictOptions()
	r, err := pec.Verify(verdictRead(t, verdictAcceptance(nil).Bytes()), &o)
	require.NoError(t, err)
	require.True(t, r.Certified)

	m := verdictAcceptance(nil)
	m.AfterSign = verdictChanged
	r, err = pec.Verify(verdictRead(t, m.Bytes()), &o)
	verdictContract(t, r, err)
	for _, said := range []string{"accettazione", "TOTAL-FAILED", "HASH_FAILURE"} {
		require.ErrorContains(t, err, said)
	}
	require.ErrorContains(t, err, r.Failures()[0].Detail(pec.English))

	broken := errors.New("il disco si è rotto")
	reader := &verdictFailingReader{Reader: bytes.NewReader(verdictAcceptance(nil).Bytes()), err: broken}
	read, err := pec.Read(reader, reader.Size())
	require.NoError(t, err)
	reader.broken = true
	read.Release()
	r, err = pec.Verify(read, &o)
	require.ErrorIs(t, err, broken)
	require.Nil(t, r)
	_, is := errors.AsType[*pec.NotCertifiedError](err)
	require.False(t, is, "what cannot be read is not shown to be false")

	_, err = pec.Read(reader, reader.Size())
	require.ErrorIs(t, err, broken)
}

type verdictFailingReader struct {
	*bytes.Reader
	broken bool
	err    error
}

func (r *verdictFailingReader) ReadAt(p []byte, off int64) (int, error) {
	if r.broken {
		return 0, r.err
	}
	return r.Reader.ReadAt(p, off)
}

// Verifying twice, and with other options in between, says the same.
func TestVerdictRepeated(t *testing.T) {
	t.Parallel()
	m := verdictRead(t, testsign.Message{Kind: daticert.TypeTransport, LineEnds: testsign.LFAlternate}.Bytes())
	o := verdictOptions()
	first, err := pec.Verify(m, &o)
	require.NoError(t, err)
	other := verdictOptions()
	other.Policy, other.At = pec.PolicyStrict, testsign.Instant.Add(-time.Hour)
	_, err = pec.Verify(m, &other)
	require.Error(t, err)
	_, err = pec.Verify(m, nil)
	require.Error(t, err, "AgID did not issue these certificates")
	again, err := pec.Verify(m, &o)
	require.NoError(t, err)
	require.Equal(t, first.Data, again.Data)
	require.Equal(t, verdictWarned(first), verdictWarned(again))
}
