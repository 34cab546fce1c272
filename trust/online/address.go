package online

import (
	"fmt"
	"net/netip"
	"syscall"
)

// reserved are ranges that lead to nothing public and that no method of
// netip.Addr names.
//
// spec: IANA IPv4 and IPv6 Special-Purpose Address Registries
var reserved = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"),
	netip.MustParsePrefix("100.64.0.0/10"), // shared address space (CGNAT)
	netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"),
	netip.MustParsePrefix("240.0.0.0/4"), // broadcast too
	netip.MustParsePrefix("::/96"),       // IPv4-compatible, unspecified, loopback
	netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"),
	netip.MustParsePrefix("2001::/23"), // Teredo, ORCHID and other assignments
	netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("3fff::/20"),
	netip.MustParsePrefix("5f00::/16"),
	netip.MustParsePrefix("fec0::/10"), // site-local
}

var (
	nat64   = netip.MustParsePrefix("64:ff9b::/96") // the IPv4 address is in the last four bytes
	sixToIV = netip.MustParsePrefix("2002::/16")    // and here behind the first two
)

// public reports whether an address is one of the public Internet. Forms of
// IPv6 that carry an IPv4 address are judged by that.
func public(a netip.Addr) bool {
	a = a.WithZone("").Unmap()
	b := a.As16()
	switch {
	case nat64.Contains(a):
		return public(netip.AddrFrom4([4]byte(b[12:16])))
	case sixToIV.Contains(a):
		return public(netip.AddrFrom4([4]byte(b[2:6])))
	}
	if !a.IsValid() || a.IsUnspecified() || a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() ||
		a.IsMulticast() || a.IsInterfaceLocalMulticast() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(a) {
			return false
		}
	}
	return a.IsGlobalUnicast()
}

// refusePrivate is a net.Dialer's Control: it runs after a name has been
// resolved, for each address that is tried, so no second answer of a name
// server can lead elsewhere.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q", ErrAddress, address)
	}
	if !public(to.Addr()) {
		return fmt.Errorf("%w: %s", ErrAddress, to.Addr())
	}
	return nil
}
