package pectest

import "time"

// Option is one line of a scenario, for [NewCircuit] and [Start].
type Option func(*config) error

type config struct{}

// WithProvider adds a provider. host is its mail host, such as alfa.example.it:
// what it issues comes from posta-certificata@host. It must not be a domain of
// users. A provider without [WithDomain] can only send notices.
func WithProvider(host string, opts ...ProviderOption) Option { panic("todo") }

// WithClock gives the circuit a clock. Without it the circuit has one that
// stands still on 2026-03-02 at 10:00 in Italy.
func WithClock(k *Clock) Option { panic("todo") }

// WithFault gives an address a fault, as [Circuit.SetFault] does.
func WithFault(address string, f Fault) Option { panic("todo") }

// WithMaxWeight sets the limit for the size of a mail times the number of its
// recipients, in bytes. Without it the limit is the law's, 30 MB (30,000,000).
//
// spec: RFC 6109 §3.1.1
func WithMaxWeight(bytes int64) Option { panic("todo") }

// WithMaxStorage sets how many bytes the circuit holds before it takes no
// further mail. Without it that is 1 GiB.
func WithMaxStorage(bytes int64) Option { panic("todo") }

// WithAdversary makes every provider use the freedom that norm and practice leave
// it, anew for each message: form of the signature, layout of the parts, order of
// arrival, receipts that come twice. The same seed gives the same choices to the
// same sequence of submissions. It finds programs that were written after the
// mail of one provider.
func WithAdversary(seed uint64) Option { panic("todo") }

// WithDeliveryHook calls f for each message that is put into a mailbox, in order
// and one at a time, after the circuit is done with what caused it. f may use the
// circuit.
func WithDeliveryHook(f func(*Mailbox, *Message)) Option { panic("todo") }

// ProviderOption is a fact or a habit of one provider, for [WithProvider].
type ProviderOption func(*providerConfig) error

type providerConfig struct{}

// WithDomain adds a domain with mailboxes, given by their local parts. To any
// other address of the domain there is no delivery: errore-consegna, no-dest.
func WithDomain(domain string, mailboxes ...string) ProviderOption { panic("todo") }

// WithName sets the provider's name. The words that it has no legal value are
// added.
func WithName(name string) ProviderOption { panic("todo") }

// Key is a kind of signing key.
type Key string

// The kinds of key. RSA-2048 is what all providers use.
const (
	KeyRSA     Key = "rsa-2048"
	KeyECDSA   Key = "ecdsa-p256"
	KeyEd25519 Key = "ed25519"
)

// WithKey sets the kind of the provider's key. Without it that is KeyRSA.
func WithKey(k Key) ProviderOption { panic("todo") }

// WithSHA1 signs with SHA-1, as most providers did until 2024.
func WithSHA1() ProviderOption { panic("todo") }

// WithBER writes signatures in BER with indefinite lengths instead of DER.
func WithBER() ProviderOption { panic("todo") }

// WithChain puts the authority's certificate into signatures beside the
// provider's own, which alone the norm demands.
func WithChain() ProviderOption { panic("todo") }

// WithXPKCS7 calls the signature application/x-pkcs7-signature.
func WithXPKCS7() ProviderOption { panic("todo") }

// WithoutPreamble leaves out the line for readers that know no MIME.
func WithoutPreamble() ProviderOption { panic("todo") }

// WithTextOnly writes the readable text without an HTML alternative.
func WithTextOnly() ProviderOption { panic("todo") }

// WithOriginalFirst puts postacert.eml before daticert.xml.
func WithOriginalFirst() ProviderOption { panic("todo") }

// WithPlainXML writes daticert.xml as it is, or quoted-printable, instead of in
// base64.
func WithPlainXML() ProviderOption { panic("todo") }

// WithLF stores mail in files with LF line ends, as an export from a Unix server
// has them.
func WithLF() ProviderOption { panic("todo") }

// WithoutMsgid leaves the client's Message-ID out of everything: no element
// msgid, no X-Riferimento-Message-ID.
func WithoutMsgid() ProviderOption { panic("todo") }

// WithGenericError gives errore="altro" for every failure but a virus, with the
// reason only in errore-esteso.
func WithGenericError() ProviderOption { panic("todo") }

// WithBriefSHA256 writes SHA-256 hashes into brief receipts instead of SHA-1.
func WithBriefSHA256() ProviderOption { panic("todo") }

// WithBriefDecoded hashes attachments in brief receipts decoded instead of as
// they are encoded.
func WithBriefDecoded() ProviderOption { panic("todo") }

// WithDuplicates sends every receipt and notice to another provider twice.
func WithDuplicates() ProviderOption { panic("todo") }

// WithReordering sends receipts in the wrong order: the delivery before the taking
// in charge, the last recipient's first, and the acceptance of the provider's own
// users after all that could be done at once.
func WithReordering() ProviderOption { panic("todo") }

// WithoutVirusCheck lets the provider's users submit mail with a virus.
func WithoutVirusCheck() ProviderOption { panic("todo") }

// WithExpiryAfter sets when the provider gives up on a delivery: after 22 to 24
// hours. Without it that is after 24.
//
// spec: RFC 6109 §3.1.6
func WithExpiryAfter(d time.Duration) ProviderOption { panic("todo") }

// WithExpiredCertificate gives the provider a certificate that expired an hour
// before the circuit starts. What it issues is not certified: others put it into
// anomaly envelopes.
func WithExpiredCertificate() ProviderOption { panic("todo") }
