package trust_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/trust"
)

// anchorFile is a file with certificates, or with something else.
type anchorFile struct {
	name   string
	in     []byte
	want   int // certificates; 0 is an error
	reason string
}

func anchorFiles() []anchorFile {
	one, two := authority("pem one"), authority("pem two")
	odd := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: authorityName("pem odd"), SerialOctets: []byte{0x80, 1}}.SelfSigned()
	return []anchorFile{
		{"one", one.PEM(), 1, "the usual file"},
		{"two, text around", slices.Concat([]byte("a: b\n"), one.PEM(), []byte("\nc\n"), two.PEM(), []byte("end")), 2, "as openssl writes them"},
		{"DER", one.DER, 1, "as browsers export them"},
		{"negative serial number", odd.PEM(), 1, "old authorities wrote such"},
		{"empty", nil, 0, "no certificate"},
		{"text", []byte("no certificate"), 0, "no certificate"},
		{"a key", slices.Concat(one.PEM(), []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")), 0, "a key does not belong there"},
		{"cut off", one.PEM()[:100], 0, "no block is whole"},
		{"not a certificate", []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), 0, "the block holds something else"},
	}
}

func TestParseAnchors(t *testing.T) {
	t.Parallel()
	for _, tt := range anchorFiles() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := trust.ParseAnchors(tt.in)
			if tt.want == 0 {
				require.Error(t, err, tt.reason)
				require.Nil(t, got)
				return
			}
			require.NoError(t, err, tt.reason)
			require.Len(t, got, tt.want)
			_, err = trust.NewStore(false, got...)
			require.NoError(t, err)
		})
	}
}
