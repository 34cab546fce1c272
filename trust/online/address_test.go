package online

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// Certificates must not be able to make a program knock at doors inside.
func TestPublic(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason  string
		public  bool
		address []string
	}{
		{"addresses of the Internet", true, []string{"8.8.8.8", "193.206.1.1", "2001:4860:4860::8888", "2a00:1450::1", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1"}},
		{"this machine", false, []string{"127.0.0.1", "127.255.255.254", "::1", "0.0.0.0", "::", "0.1.2.3"}},
		{"private networks", false, []string{"10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fc00::1", "fd12:3456::1", "fec0::1"}},
		{"link-local, where clouds keep their keys", false, []string{"169.254.169.254", "fe80::1", "fe80::1%eth0"}},
		{"shared by a carrier's customers (CGNAT)", false, []string{"100.64.0.1", "100.127.255.255"}},
		{"multicast and broadcast", false, []string{"224.0.0.1", "239.255.255.255", "255.255.255.255", "ff02::1", "ff0e::1"}},
		{"reserved, for tests and for books", false, []string{"192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "240.0.0.1", "192.0.0.8", "2001:db8::1", "3fff::1", "100::1"}},
		{"IPv6 with an IPv4 address of this machine in it", false, []string{"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::1"}},
		{"IPv6 with an IPv4 address of the Internet in it", true, []string{"::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"}},
	} {
		for _, a := range c.address {
			require.Equal(t, c.public, public(netip.MustParseAddr(a)), "%s: %s", c.reason, a)
		}
	}
	require.False(t, public(netip.Addr{}), "no address is none of the Internet")
}

func TestRefusePrivate(t *testing.T) {
	t.Parallel()
	require.NoError(t, refusePrivate("tcp4", "8.8.8.8:80", nil))
	require.ErrorIs(t, refusePrivate("tcp4", "127.0.0.1:80", nil), ErrAddress)
	require.ErrorIs(t, refusePrivate("tcp6", "[fe80::1%eth0]:80", nil), ErrAddress)
	require.ErrorIs(t, refusePrivate("tcp", "ca1.agid.gov.it:80", nil), ErrAddress, "a name was to be resolved before")
}
