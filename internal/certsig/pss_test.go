package certsig

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// tlv writes one short DER value.
func tlv(tag byte, contents ...string) string {
	s := strings.Join(contents, "")
	return string([]byte{tag, byte(len(s))}) + s
}

// RSASSA-PSS parameters, of which crypto/x509 knows three forms only.
func TestPSSParameters(t *testing.T) {
	t.Parallel()
	sha256ID := tlv(0x30, tlv(6, octets(2, 16, 840, 1, 101, 3, 4, 2, 1)), tlv(5))
	sha1ID := tlv(0x30, tlv(6, octets(1, 3, 14, 3, 2, 26)), tlv(5))
	mgf := func(id string) string { return tlv(0xA1, tlv(0x30, tlv(6, oidMGF1), id)) }
	for _, tt := range []struct {
		name, der string
		known     bool
		reason    string
	}{
		{"SHA-256", tlv(0x30, tlv(0xA0, sha256ID), mgf(sha256ID), tlv(0xA2, tlv(2, " "))), true, "the usual"},
		{"defaults", tlv(0x30), true, "all of them SHA-1"},
		{"SHA-1 written", tlv(0x30, tlv(0xA0, sha1ID), mgf(sha1ID)), true, "the same as the defaults"},
		{"mixed", tlv(0x30, tlv(0xA0, sha256ID), mgf(sha1ID)), false, "two hashes"},
		{"mask left out", tlv(0x30, tlv(0xA0, sha256ID)), false, "then it is SHA-1"},
		{"unknown hash", tlv(0x30, tlv(0xA0, tlv(0x30, tlv(6, octets(1, 2, 3)))), mgf(sha256ID)), false, "not one of ours"},
		{"unknown mask", tlv(0x30, tlv(0xA0, sha256ID), tlv(0xA1, tlv(0x30, tlv(6, octets(1, 2, 3)), sha256ID))), false, "not MGF1"},
		{"absent", "", false, "RFC 4055 §3.1: they must be there"},
		{"garbage", tlv(0x30, tlv(0xA0, tlv(5))), false, "no algorithm"},
	} {
		require.Equal(t, tt.known, pssHash([]byte(tt.der)) != 0, "%s: %s", tt.name, tt.reason)
	}
}
