package main

import (
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"

	"github.com/gopec/gopec/trust"
)

// maxAnchorFile bounds a file given with -trust.
const maxAnchorFile = 1 << 20

// anchors is the trust store that -trust asks for; nil without it, which means
// AgID's.
func anchors(names []string) (*trust.Store, *usageError) {
	if len(names) == 0 {
		return nil, nil
	}
	withAgID := false
	var all []*x509.Certificate
	for _, name := range names {
		if name == "agid" {
			withAgID = true
			continue
		}
		certs, err := readAnchors(name)
		if err != nil {
			return nil, trustError(name, err)
		}
		all = append(all, certs...)
	}
	s, err := trust.NewStore(withAgID, all...)
	if err != nil {
		return nil, trustError(strings.Join(names, ", "), err)
	}
	return s, nil
}

// trustError says why a file of -trust cannot be used. What package trust found
// in it is said in English: it is about the encoding of certificates.
func trustError(name string, err error) *usageError {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("-trust %s: no such file", "-trust %s: file inesistente", name)
	}
	return usagef("-trust %s: no authority to believe: %s", "-trust %s: nessuna autorità di cui fidarsi: %s",
		name, strings.TrimPrefix(cause(err).Error(), "trust: "))
}

func readAnchors(name string) ([]*x509.Certificate, error) {
	f, err := os.Open(name)
	if err != nil {
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
