package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/vectors"
)

// Every certificate that a vector is not about lasts from 2026 to 2055, so that
// the present time of whoever runs the vectors does not matter.
var (
	clockFrom  = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	clockUntil = time.Date(2054, 1, 1, 0, 0, 0, 0, time.UTC)
)

// set is what the tables fill.
type set struct {
	*circuit
	vectors []vector
	anchors []anchor
}

type vector struct {
	vectors.Vector
	mail []byte
}

type anchor struct {
	file, what string
	id         *testsign.Identity
}

// mail is a message to be written, or one that is written.
type mail interface{ Bytes() []byte }

// raw is a mail as it is.
type raw []byte

// Bytes returns the mail.
func (r raw) Bytes() []byte { return r }

const testCA = "trust/test-ca.pem"

func newSet() *set {
	s := &set{circuit: newCircuit()}
	s.anchor("test-ca", "The authority of the circuit. Its name constraints permit the hosts and organisations of its two providers.", s.root)
	return s
}

// anchor adds an authority, and returns the option to believe it alone.
func (s *set) anchor(name, what string, id *testsign.Identity) option {
	file := "trust/" + name + ".pem"
	s.anchors = append(s.anchors, anchor{file, what, id})
	return trust(file)
}

// option changes what a verification is asked for.
type option func(*vectors.Options)

func trust(files ...string) option { return func(o *vectors.Options) { o.Trust = files } }
func strict(o *vectors.Options)    { o.Policy = "gopec/strict/1" }
func legacy(o *vectors.Options)    { o.Policy = "gopec/legacy/1" }
func now(o *vectors.Options)       { o.At = "now" }

// at is a reference time that the caller vouches for.
func at(t string) option { return func(o *vectors.Options) { o.At = t } }

// clock is a present time that the vector needs.
func clock(t time.Time) option {
	return func(o *vectors.Options) { o.Clock = t.UTC().Format(time.RFC3339) }
}

// add adds a vector. flagNames are separated by blanks.
func (s *set) add(id, flagNames, reason string, m mail, want expectation, options ...option) {
	v := vector{mail: s.leafAlone(id, m).Bytes()}
	v.ID, v.Reason, v.Flags = id, reason, strings.Fields(flagNames)
	v.Options = vectors.Options{Trust: []string{testCA}, Policy: "gopec/pec-time/1", At: "certified", Clock: "any"}
	for _, o := range options {
		o(&v.Options)
	}
	v.Expected = want.expected()
	for _, f := range v.Flags {
		if _, ok := flags[f]; !ok {
			panic(fmt.Sprintf("%s: flag %s is not explained", id, f))
		}
	}
	if slices.ContainsFunc(s.vectors, func(x vector) bool { return x.ID == id }) {
		panic("two vectors named " + id)
	}
	s.vectors = append(s.vectors, v)
}

// leafAlone leaves the authority's certificate out of the signature, which is
// what RFC 6109 obliges providers to send and what keeps the files small. The
// vectors of all kinds carry it, as providers do, and so does whatever is about
// certificates.
func (s *set) leafAlone(id string, m mail) mail {
	w, ok := m.(testsign.Message)
	d := &w.CMS
	if !ok || strings.HasPrefix(id, "kind-") || w.By.Issuer != s.root || d.Certificates != nil || d.NoCertificates ||
		d.Signer.By != nil || len(d.Others) > 0 || d.NoSigner {
		return m
	}
	d.Certificates = [][]byte{w.By.DER}
	return w
}
