package directory_test

import (
	"bytes"
	"encoding/asn1"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
)

// vouched is what a signature vouches for.
func vouched(d *directory.Directory) string {
	s := d.Signature
	return fmt.Sprintf("%x %s %v %v %q %q %q", s.Signer.Raw, s.Time, d.Whole, d.Complete(), d.Location, dns(d.Records), codes(d))
}

// FuzzReadSigned: nothing comes out of bytes that no signer signed; who signed, and when,
// is told as the signature has it; what is not taken is refused with an error of a known
// kind, and neither form passes for the other.
//
// The anchors are the right ones, others or none; the present is some hours after the
// signature, given is the caller's date, none for 0; large makes the file too large.
func FuzzReadSigned(f *testing.F) {
	store := anchors(f, root())
	stores := []*trust.Store{store, nil, trust.AgID()}
	known := map[string]bool{}
	add := func(b []byte, which uint8, hours int32, given int64, large bool) {
		f.Add(b, which, hours, given, large)
		for _, o := range []*directory.Options{now(), later} {
			if d, err := directory.ReadSigned("x", b, store, o); err == nil {
				known[vouched(d)] = true
			}
		}
	}
	id := manager(testsign.Certificate{})
	for _, encoding := range []testsign.Encoding{testsign.DER, testsign.BEROuter, testsign.BERAll} {
		add(sign(testsign.SignedData{Encoding: encoding}, id, base), 0, 24, 0, false)
	}
	for _, c := range signatures(f) {
		add(c.bytes, 0, 24, 1, false)
	}
	good := sign(testsign.SignedData{}, id, base+record("Alfa", provider("Alfa", "alfa.example.it")))
	for which := range uint8(len(stores)) {
		add(good, which, 24, 0, false)
		add([]byte(base), which, 24, 0, false)
	}
	for _, hours := range []int32{-2, -1, 24 * 365 * 40} {
		add(good, 0, hours, 1_700_000_000, false)
	}
	add(good, 0, 24, 0, true)
	add(nil, 0, 24, 0, false)
	add(sign(testsign.SignedData{}, id, "version: 3\n"), 0, 24, 0, false)
	add(sign(testsign.SignedData{}, id, "x\n"), 0, 24, 0, false)
	unnamed := testsign.Certificate{KeyType: testsign.P256, Subject: testsign.NewName("", "PEC TEST DIRECTORY - NO LEGAL VALUE"), Addresses: []string{}}.IssuedBy(root())
	add(sign(testsign.SignedData{}, unnamed, base), 0, 24, 0, false)
	untimed := testsign.SignedData{Signer: testsign.SignerInfo{Omit: []asn1.ObjectIdentifier{testsign.OIDSigningTime}}}
	for _, given := range []int64{0, 1_700_000_000} {
		add(sign(untimed, id, base), 0, 24, given, false)
	}
	require.Greater(f, len(known), 5)
	room := make([]byte, directory.MaxSigned+1) // its pages are never touched beyond the input
	f.Fuzz(func(t *testing.T, b []byte, which uint8, hours int32, given int64, large bool) {
		at := testsign.Instant.Add(time.Duration(hours%(1<<20)) * time.Hour)
		options := &directory.Options{Clock: func() time.Time { return at }}
		if given != 0 {
			options.Date = time.Unix(given%(1<<40), 0)
		}
		anchors := stores[int(which)%len(stores)]
		if large {
			defer clear(room[:copy(room, b)])
			b = room
		}
		d, err := directory.ReadSigned("x", b, anchors, options)
		again, same := directory.Parse("x", b, anchors, options)
		if anchors != nil {
			require.Equal(t, err, same)
			require.Equal(t, d == nil, again == nil)
		}
		if err != nil {
			require.Nil(t, d)
			requireRefused(t, b, anchors, err)
			return
		}
		require.Same(t, store, anchors)
		require.LessOrEqual(t, len(b), directory.MaxSigned)
		require.True(t, known[vouched(d)], "nobody else can sign: %s", vouched(d))
		require.True(t, d.Authenticated())
		require.NotEmpty(t, d.Signature.Name)
		require.NotEmpty(t, d.Signature.Anchor)
		require.Equal(t, at.After(d.Signature.Signer.NotAfter), d.Signature.Expired)
		date, source := d.Date()
		switch {
		case !d.Signature.Time.IsZero():
			require.Equal(t, directory.DateSigned, source)
			require.Equal(t, d.Signature.Time, date)
			require.Equal(t, d.Signature.Time, d.Signature.At)
		case given != 0:
			require.Equal(t, directory.DateGiven, source)
			require.Equal(t, options.Date, date)
			require.Equal(t, at, d.Signature.At)
		default:
			require.Equal(t, directory.DateUnknown, source)
			require.True(t, date.IsZero())
		}
		_, err = directory.Read("x", bytes.NewReader(b), nil)
		require.ErrorIs(t, err, directory.ErrSigned)
		_, err = directory.Parse("x", b, nil, nil)
		require.ErrorIs(t, err, directory.ErrSigned)
		// Of the real present nothing is known but that the signature stays what it is.
		if d, err := directory.ReadSigned("x", b, anchors, nil); err == nil {
			require.True(t, known[vouched(d)])
		} else {
			requireRefused(t, b, anchors, err)
		}
	})
}

// requireRefused says that an error is the one that a file deserves.
func requireRefused(t *testing.T, b []byte, anchors *trust.Store, err error) {
	require.True(t, strings.HasPrefix(err.Error(), "directory: "), "%v", err)
	signature, bad := errors.AsType[*directory.SignatureError](err)
	limit, isLimit := errors.AsType[*directory.LimitError](err)
	switch {
	case anchors == nil:
		require.Equal(t, directory.ErrNoAnchors, err)
	case len(b) == 0 || b[0] != 0x30:
		require.Equal(t, directory.ErrPlain, err)
	case len(b) > directory.MaxSigned:
		require.True(t, isLimit)
		require.Equal(t, directory.LimitError{Limit: "size", Max: directory.MaxSigned}, *limit)
	case bad:
		require.NotEmpty(t, signature.Reason)
		require.True(t, strings.HasSuffix(err.Error(), signature.Reason))
		_, isCode := trust.CodeOf(signature.Finding.Code)
		require.Equal(t, signature.Finding.Code != "", isCode)
	}
}
