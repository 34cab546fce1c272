package pec_test

import (
	"bytes"
	"crypto/x509"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/timestamp"
)

// The stamp is over the file: every layer in it has existed since, and a byte outside
// the signature counts too.
func TestTimestampIsOverTheFile(t *testing.T) {
	t.Parallel()
	short := verdictValid(-verdictYear, 24*time.Hour, testsign.Certificate{})
	inner := verdictAcceptance(short).Bytes()
	outer := []byte("From: mittente@pec.example.it\r\nContent-Type: message/rfc822\r\n\r\n" + string(inner))
	inside := testsign.Instant.Add(time.Hour)
	o := verdictOptions()
	o.Clock = verdictClock(testsign.Instant.AddDate(1, 0, 0))

	r, err := pec.Verify(verdictRead(t, outer), ptr(stamped(t, o, outer, inside)))
	require.Error(t, err, "ordinary mail")
	require.Equal(t, pec.Skip, r.Check(pec.CheckTimestamp).Status)
	require.Len(t, r.Layers, 1)
	require.True(t, r.Layers[0].Certified, "%+v", r.Layers[0].Failures())
	require.Equal(t, pec.POETimestamp, r.Layers[0].ProofOfExistence)
	require.Len(t, r.Layers[0].Timestamps, 1)
	require.Equal(t, r.Timestamps, r.Layers[0].Timestamps, "one file, one result")

	r, _ = pec.Verify(verdictRead(t, outer), ptr(stamped(t, o, inner, inside)))
	require.Equal(t, pec.POENone, r.Layers[0].ProofOfExistence, "a stamp over the enclosed mail is not over this file")

	added := append([]byte("X-Altro: aggiunto dopo\r\n"), inner...)
	r = verdictOf(t, added, stamped(t, o, inner, inside))
	require.True(t, r.Certified)
	require.Equal(t, pec.POENone, r.ProofOfExistence, "this file is not the one that was stamped")
	require.Contains(t, r.Check(pec.CheckTimestamp).Detail(pec.English), "another file")

	mbox := append([]byte("From mittente Tue Mar 10 10:15:30 2026\n"), inner...)
	r = verdictOf(t, mbox, stamped(t, o, mbox, inside))
	require.Equal(t, pec.POETimestamp, r.ProofOfExistence, "bytes before the message belong to the file")
	require.NotContains(t, fmt.Sprint(verdictFailed(r)), "time")
}

func ptr[T any](v T) *T { return &v }

// changing is a file whose bytes change after it was read.
type changing struct{ b []byte }

func (c *changing) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(c.b).ReadAt(p, off)
}

// A file that changed since it was read gives no verdict, even where the change is
// outside of what was signed.
func TestTimestampChangedFile(t *testing.T) {
	t.Parallel()
	file := verdictAcceptance(nil).Bytes()
	i := bytes.Index(file, []byte("Subject:"))
	require.Positive(t, i)
	f := &changing{bytes.Clone(file)}
	m, err := pec.Read(f, int64(len(file)))
	require.NoError(t, err)
	o := stamped(t, verdictOptions(), file, testsign.Instant)
	_, err = pec.Verify(m, &o)
	require.NoError(t, err)
	f.b = bytes.Clone(f.b)
	f.b[i] = 's'
	r, err := pec.Verify(m, &o)
	require.ErrorIs(t, err, pec.ErrChanged)
	require.Nil(t, r)
}

// zeros is a large file after a header.
type zeros struct {
	head []byte
	size int64
}

func (z *zeros) ReadAt(p []byte, off int64) (int, error) {
	clear(p)
	for i := range p {
		if at := off + int64(i); at < int64(len(z.head)) {
			p[i] = z.head[at]
		} else if at%78 == 76 {
			p[i] = '\r'
		} else if at%78 == 77 {
			p[i] = '\n'
		} else {
			p[i] = 'a'
		}
	}
	if n := z.size - off; n < int64(len(p)) {
		return int(max(n, 0)), io.EOF
	}
	return len(p), nil
}

// TestTimestampMemory: a large file is hashed as a stream.
func TestTimestampMemory(t *testing.T) { // not parallel: it looks at memory
	head := []byte("From: a@pec.example.it\r\nContent-Type: multipart/signed; boundary=b; protocol=\"application/pkcs7-signature\"\r\n\r\n--b\r\n\r\n")
	z := &zeros{head: head, size: 32 << 20}
	m, err := pec.Read(z, z.size)
	require.NoError(t, err)
	o := stamped(t, verdictOptions(), []byte("altro"), testsign.Instant)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, _ := pec.Verify(m, &o)
	runtime.ReadMemStats(&after)
	require.NotNil(t, r)
	require.Contains(t, r.Check(pec.CheckTimestamp).Detail(pec.English), "another file")
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(4<<20))
}

// What the report says of stamps is printable whatever their names are.
func TestTimestampNames(t *testing.T) {
	t.Parallel()
	file := verdictAcceptance(nil).Bytes()
	b, err := stampAuthority().Stamp(bytes.NewReader(file), testsign.Instant)
	require.NoError(t, err)
	s, err := timestamp.Parse("marca\x1b[31m\u202e.tsr", b)
	require.NoError(t, err)
	o := verdictOptions()
	o.Timestamps = pec.Timestamps{Stamps: []*timestamp.Stamp{s}, Anchors: stampAuthority().Anchors(), Certificates: []*x509.Certificate{nil}}
	r := verdictOf(t, file, o)
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		detail := r.Check(pec.CheckTimestamp).Detail(l)
		require.False(t, strings.ContainsAny(detail, "\x1b\u202e"), "%q", detail)
	}
}
