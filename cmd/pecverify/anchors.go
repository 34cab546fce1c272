package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/gopec/gopec/trust"
)

// maxAnchorFile bounds a file given with -trust.
const maxAnchorFile = 1 << 20

// anchors is the trust store that -trust asks for; nil without it, which means
// AgID's. The error has been reported.
func (p *program) anchors() (*trust.Store, error) {
	if len(p.c.trust) == 0 {
		return nil, nil
	}
	withAgID := false
	var all []*x509.Certificate
	for _, name := range p.c.trust {
		if name == "agid" {
			withAgID = true
			continue
		}
		certs, err := readAnchors(name)
		if err != nil {
			p.diag.errorf("-trust %s: %v", name, err)
			return nil, err
		}
		all = append(all, certs...)
	}
	s, err := trust.NewStore(withAgID, all...)
	if err != nil {
		p.diag.errorf("-trust: %v", err)
		return nil, err
	}
	return s, nil
}

func readAnchors(name string) ([]*x509.Certificate, error) {
	f, err := os.Open(name)
	if err != nil {
		if e, ok := errors.AsType[*os.PathError](err); ok {
			err = e.Err // the caller names the file
		}
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxAnchorFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxAnchorFile {
		return nil, fmt.Errorf("larger than %d bytes", maxAnchorFile)
	}
	return trust.ParseAnchors(b)
}
