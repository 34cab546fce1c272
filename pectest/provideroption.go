package pectest

import (
	"crypto"
	"fmt"
	"time"

	"github.com/gopec/gopec/envelope"
)

// ProviderOption is a fact or a habit of one provider, for [WithProvider].
type ProviderOption func(*providerConfig) error

// providerConfig is what the options say of one provider.
type providerConfig struct {
	host    string
	name    string
	domains []domainConfig
	key     Key
	form    form
	habits  envelope.Habits
	expiry  time.Duration

	lf, noMsgid, duplicates, reordering, noVirusCheck, expired bool
}

// domainConfig is a domain and the addresses of its mailboxes.
type domainConfig struct {
	name      string
	mailboxes []string
}

// form is how a provider signs.
type form struct{ sha1, ber, chain, xpkcs7, noPreamble bool }

// WithDomain adds a domain with mailboxes, given by their local parts. To any
// other address of the domain there is no delivery: errore-consegna, no-dest.
func WithDomain(domain string, mailboxes ...string) ProviderOption {
	return func(p *providerConfig) error {
		d := domainConfig{name: fold(domain)}
		for _, local := range mailboxes {
			address := local + "@" + d.name
			if !isAddress(address) {
				return fmt.Errorf("pectest: WithDomain: %q is no address", address)
			}
			d.mailboxes = append(d.mailboxes, address)
		}
		p.domains = append(p.domains, d)
		return nil
	}
}

// WithName sets the provider's name. The words that it has no legal value are
// added.
func WithName(name string) ProviderOption {
	return func(p *providerConfig) error {
		p.name = name
		return nil
	}
}

// WithKey sets the kind of the provider's key. Without it that is KeyRSA.
func WithKey(k Key) ProviderOption {
	return func(p *providerConfig) error {
		p.key = k
		return nil
	}
}

// WithSHA1 signs with SHA-1, as most providers did until 2024.
func WithSHA1() ProviderOption {
	return func(p *providerConfig) error { p.form.sha1 = true; return nil }
}

// WithBER writes signatures in BER with indefinite lengths instead of DER.
func WithBER() ProviderOption {
	return func(p *providerConfig) error { p.form.ber = true; return nil }
}

// WithChain puts the authority's certificate into signatures beside the
// provider's own, which alone the norm demands.
func WithChain() ProviderOption {
	return func(p *providerConfig) error { p.form.chain = true; return nil }
}

// WithXPKCS7 calls the signature application/x-pkcs7-signature.
func WithXPKCS7() ProviderOption {
	return func(p *providerConfig) error { p.form.xpkcs7 = true; return nil }
}

// WithoutPreamble leaves out the line for readers that know no MIME.
func WithoutPreamble() ProviderOption {
	return func(p *providerConfig) error { p.form.noPreamble = true; return nil }
}

// WithTextOnly writes the readable text without an HTML alternative.
func WithTextOnly() ProviderOption {
	return func(p *providerConfig) error { p.habits.TextOnly = true; return nil }
}

// WithOriginalFirst puts postacert.eml before daticert.xml.
func WithOriginalFirst() ProviderOption {
	return func(p *providerConfig) error { p.habits.OriginalFirst = true; return nil }
}

// WithPlainXML writes daticert.xml as it is, or quoted-printable, instead of in
// base64.
func WithPlainXML() ProviderOption {
	return func(p *providerConfig) error { p.habits.PlainXML = true; return nil }
}

// WithLF stores mail in files with LF line ends, as an export from a Unix server
// has them. A signature over CR CR LF does not survive that: what is left of it is
// read as CRLF.
func WithLF() ProviderOption {
	return func(p *providerConfig) error { p.lf = true; return nil }
}

// WithoutMsgid leaves the client's Message-ID out of everything: no element
// msgid, no X-Riferimento-Message-ID.
func WithoutMsgid() ProviderOption {
	return func(p *providerConfig) error { p.noMsgid = true; return nil }
}

// WithGenericError gives errore="altro" for every failure but a virus, with the
// reason only in errore-esteso.
func WithGenericError() ProviderOption {
	return func(p *providerConfig) error { p.habits.GenericError = true; return nil }
}

// WithBriefSHA256 writes SHA-256 hashes into brief receipts instead of SHA-1.
func WithBriefSHA256() ProviderOption {
	return func(p *providerConfig) error { p.habits.BriefHash = crypto.SHA256; return nil }
}

// WithBriefDecoded hashes attachments in brief receipts decoded instead of as
// they are encoded.
func WithBriefDecoded() ProviderOption {
	return func(p *providerConfig) error { p.habits.BriefDecoded = true; return nil }
}

// WithDuplicates sends every receipt and notice to another provider twice.
func WithDuplicates() ProviderOption {
	return func(p *providerConfig) error { p.duplicates = true; return nil }
}

// WithReordering sends receipts in the wrong order: the delivery before the taking
// in charge, the last recipient's first, and the acceptance of the provider's own
// users after all that could be done at once.
func WithReordering() ProviderOption {
	return func(p *providerConfig) error { p.reordering = true; return nil }
}

// WithoutVirusCheck lets the provider's users submit mail with a virus.
func WithoutVirusCheck() ProviderOption {
	return func(p *providerConfig) error { p.noVirusCheck = true; return nil }
}

// WithExpiryAfter sets when the provider gives up on a delivery: after 22 to 24
// hours. Without it that is after 24.
//
// spec: RFC 6109 §3.1.6
func WithExpiryAfter(d time.Duration) ProviderOption {
	return func(p *providerConfig) error {
		if d < 22*time.Hour || d > 24*time.Hour {
			return fmt.Errorf("pectest: WithExpiryAfter: the norm wants 22 to 24 hours, not %v", d)
		}
		p.expiry = d
		return nil
	}
}

// WithExpiredCertificate gives the provider a certificate that expired an hour
// before the circuit starts. What it issues is not certified: others put it into
// anomaly envelopes.
func WithExpiredCertificate() ProviderOption {
	return func(p *providerConfig) error {
		p.expired, p.habits.OutsideValidity = true, true
		return nil
	}
}
