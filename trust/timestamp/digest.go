package timestamp

import (
	"bytes"
	"crypto"
	"crypto/fips140"
	_ "crypto/sha1" // imprints that are recognised, and believed by nobody
	_ "crypto/sha256"
	_ "crypto/sha512"
	"hash"
	"io"
)

// Digests are those of one file, for the stamps that were given to Hash.
type Digests struct{ sums map[sumOf][]byte }

// sumOf names one digest: the algorithm, and what is hashed before the file.
type sumOf struct {
	algorithm crypto.Hash
	prefix    string
}

// Hash reads a file once, through a fixed buffer, and makes the digests that the
// stamps are compared with. The error is the reader's.
func Hash(file io.Reader, stamps ...*Stamp) (*Digests, error) {
	all := map[sumOf]hash.Hash{}
	var list []io.Writer
	add := func(of sumOf) {
		if all[of] != nil || of.algorithm == 0 || of.algorithm == crypto.SHA1 && fips140.Enforced() {
			return
		}
		h := of.algorithm.New()
		io.WriteString(h, of.prefix)
		all[of] = h
		list = append(list, h)
	}
	for _, s := range stamps {
		add(s.sum())
		add(sumOf{crypto.SHA256, ""})
	}
	if _, err := io.Copy(io.MultiWriter(list...), file); err != nil {
		return nil, err
	}
	d := &Digests{sums: map[sumOf][]byte{}}
	for of, h := range all {
		d.sums[of] = h.Sum(nil)
	}
	return d, nil
}

func (s *Stamp) sum() sumOf { return sumOf{s.Imprint.Algorithm, string(s.prefix)} }

// match is how an imprint fits a file.
type match int

const (
	differs    match = iota
	overFile         // the imprint is the file's
	overDigest       // the imprint is that of the 32 octets of the file's SHA-256
)

// match compares the imprint with the file's digests.
//
// A stamp over the file's SHA-256 is one over its 32 octets: what a program sends
// that takes the digest for the data. Stamps over the digest in hexadecimal are not
// looked for: with its case, line end and file name it has many forms, no tool in use
// makes one by itself, and whoever stamped a text file of digests can show that file.
func (s *Stamp) match(d *Digests) match {
	if d == nil || s.Imprint.Algorithm == 0 {
		return differs
	}
	if sum, ok := d.sums[s.sum()]; ok && bytes.Equal(sum, s.Imprint.Digest) {
		return overFile
	}
	inner, ok := d.sums[sumOf{crypto.SHA256, ""}]
	if !ok || s.prefix != nil || s.Imprint.Algorithm == crypto.SHA1 && fips140.Enforced() {
		return differs
	}
	h := s.Imprint.Algorithm.New()
	h.Write(inner)
	if bytes.Equal(h.Sum(nil), s.Imprint.Digest) {
		return overDigest
	}
	return differs
}
