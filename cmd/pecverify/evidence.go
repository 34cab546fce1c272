package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/directory"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// openEvidence reads what the command line gives to judge by: revocation data,
// the providers' directory, time-stamps and whom to believe about them. A file
// that cannot be used ends the run before anything is verified: a verdict
// without it would not be the one that was asked for.
func (p *program) openEvidence() *usageError {
	for _, open := range []func() *usageError{p.openRevocation, p.openProviders, p.openTimestamps} {
		if err := open(); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) openRevocation() *usageError {
	if len(p.c.crl)+len(p.c.ocsp) == 0 {
		return nil
	}
	var data revocation.Data
	for _, name := range p.c.crl {
		b, _, err := readWhole("-crl", name, 2*revocation.MaxCRLSize) // PEM is larger
		if err != nil {
			return err
		}
		if err := data.AddCRL(name, b); err != nil {
			return unusable("-crl", name, err)
		}
	}
	for _, name := range p.c.ocsp {
		b, _, err := readWhole("-ocsp", name, revocation.MaxOCSPSize)
		if err != nil {
			return err
		}
		if err := data.AddOCSP(name, b); err != nil {
			return unusable("-ocsp", name, err)
		}
	}
	p.options.Revocation = &data
	return nil
}

// openProviders reads the providers' directory. Its date, if it is not signed,
// is that of the file.
func (p *program) openProviders() *usageError {
	if p.c.providers == "" {
		return nil
	}
	var believed *trust.Store
	if len(p.c.providersTrust) > 0 {
		certificates, err := readCertificates("-providers-trust", p.c.providersTrust)
		if err != nil {
			return err
		}
		var failed error
		if believed, failed = trust.NewStore(false, certificates...); failed != nil {
			return unusable("-providers-trust", strings.Join(p.c.providersTrust, ", "), failed)
		}
	}
	b, changed, err := readWhole("-providers", p.c.providers, directory.MaxSigned)
	if err != nil {
		return err
	}
	d, failed := directory.Parse(p.c.providers, b, believed, &directory.Options{Date: changed, Clock: p.options.Clock})
	switch {
	case errors.Is(failed, directory.ErrSigned):
		return usagef("-providers %s: the file is signed: name whom to believe with -providers-trust", "-providers %s: il file è firmato: indicare con -providers-trust di chi fidarsi", p.c.providers)
	case errors.Is(failed, directory.ErrPlain):
		return usagef("-providers %s: the file is not signed, and -providers-trust wants a signed one", "-providers %s: il file non è firmato, e -providers-trust ne vuole uno firmato", p.c.providers)
	case failed != nil:
		return unusable("-providers", p.c.providers, failed)
	}
	p.options.Directory = d
	return nil
}

func (p *program) openTimestamps() *usageError {
	if len(p.c.tsaTrust) == 0 {
		return nil
	}
	certificates, err := readCertificates("-tsa-trust", p.c.tsaTrust)
	if err != nil {
		return err
	}
	var failed error
	if p.options.Timestamps.Anchors, failed = trust.NewTimestampStore(certificates...); failed != nil {
		return unusable("-tsa-trust", strings.Join(p.c.tsaTrust, ", "), failed)
	}
	for _, name := range p.c.timestamps {
		b, _, err := readWhole("-timestamp", name, timestamp.MaxFile)
		if err != nil {
			return err
		}
		s, failed := timestamp.Parse(name, b)
		if failed != nil {
			return unusable("-timestamp", name, failed)
		}
		p.options.Timestamps.Stamps = append(p.options.Timestamps.Stamps, s)
		p.stamps = append(p.stamps, givenFile{name, b})
	}
	return nil
}

// givenFile is a file as it was given.
type givenFile struct {
	name    string
	content []byte
}

// readWhole reads a file of a flag, and says when it was changed last.
func readWhole(flag, name string, limit int64) ([]byte, time.Time, *usageError) {
	f, err := os.Open(name)
	if err != nil {
		return nil, time.Time{}, unusable(flag, name, err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(b)) > limit {
		err = fmt.Errorf("larger than %d bytes", limit)
	}
	if err != nil {
		return nil, time.Time{}, unusable(flag, name, err)
	}
	var changed time.Time
	if info, err := f.Stat(); err == nil {
		changed = info.ModTime()
	}
	return b, changed, nil
}

func readCertificates(flag string, names []string) ([]*x509.Certificate, *usageError) {
	var all []*x509.Certificate
	for _, name := range names {
		certificates, err := readAnchors(name)
		if err != nil {
			return nil, unusable(flag, name, err)
		}
		all = append(all, certificates...)
	}
	return all, nil
}

// unusable says why the file of a flag cannot be used. What the packages found
// in it is said in English: it is about encodings.
func unusable(flag, name string, err error) *usageError {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%s %s: no such file", "%s %s: file inesistente", flag, name)
	}
	why := cause(err).Error()
	for _, prefix := range []string{"trust: ", "revocation: ", "timestamp: ", "directory: ", name + ": "} {
		why = strings.TrimPrefix(why, prefix)
	}
	return usagef("%s %s: cannot be used: %s", "%s %s: inutilizzabile: %s", flag, name, why)
}
