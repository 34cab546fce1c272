// Package online fetches what certificates say about their revocation: the
// lists (CRL) and the answers (OCSP) at the URLs in certificates whose path has
// been verified. It is the only code on the verifying side that touches the
// network, and a program that does not import it sends nothing.
//
// Whoever writes a certificate chooses its URLs, so little is allowed. Hosts
// have to be named: AgID's own (ca1.agid.gov.it) for certificates under the
// built-in anchors, and those in [Client.Hosts]. Only http and https, ports 80
// and 443, no redirects, no proxy unless one is given, no cookies, no
// compression. After a name has been resolved the address is looked at before
// anything is sent to it: loopback, private, link-local, shared (CGNAT),
// multicast, reserved, and IPv6 forms that embed one of these are refused,
// except for a host that the caller named. Answers are limited in size and
// time. ldap URLs are told and skipped.
//
// What comes back is data like any other: package trust/revocation judges its
// signature and its time at each use, those from the cache too. A failure of
// the network is a [Problem]: it says that nothing was learnt, never that a
// certificate is good or that it is bad.
//
// spec: RFC 6109 §5.5, RFC 5280 §4.2.1.13, §4.2.2.1, RFC 6960 appendix A
package online
