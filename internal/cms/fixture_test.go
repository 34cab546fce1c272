package cms_test

import "crypto/x509"

func rawOf(certificates []*x509.Certificate) (all []string) {
	for _, c := range certificates {
		all = append(all, string(c.Raw))
	}
	return all
}
