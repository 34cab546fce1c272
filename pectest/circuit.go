package pectest

import (
	"crypto/x509"
	"errors"
	"iter"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// ErrClosed says that a circuit was used after Close.
var ErrClosed = errors.New("pectest: the circuit is closed")

// Circuit is a PEC circuit. It is made by [NewCircuit] or [Start], and is safe
// for concurrent use.
type Circuit struct{}

// NewCircuit starts a circuit. Without [WithProvider] it has two providers:
//
//	alfa.example.it   pec.example.it    mittente@ ufficio@
//	beta.example.com  pec.example.com   destinatario@ protocollo@
//
// The error says which options contradict each other or cannot be used.
func NewCircuit(opts ...Option) (*Circuit, error) { panic("todo") }

// TB is what [Start] needs of a testing.TB. It is an interface of its own so
// that programs that are no tests can use this package, too.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// Start starts a circuit for a test and closes it at the test's end.
func Start(tb TB, opts ...Option) *Circuit {
	tb.Helper()
	c, err := NewCircuit(opts...)
	if err != nil {
		tb.Fatalf("%v", err)
		return nil
	}
	tb.Cleanup(c.Close)
	return c
}

// Close stops the circuit: what was to happen later does not happen any more.
// Mailboxes and log can still be read.
func (c *Circuit) Close() { panic("todo") }

// Submission is what the access point did with a mail.
type Submission struct {
	// ID is the identifier that the mail got, identificativo, without angle
	// brackets. Whatever is issued about the mail carries it.
	ID string
	// Accepted tells an acceptance from a non-acceptance. One or the other is in
	// the sender's mailbox.
	Accepted bool
	// Reason says in the words of the notice why the mail was not accepted.
	Reason string
}

// SMTPError says that a mail was turned away in the SMTP dialogue: nothing of it
// was kept and no notice was issued.
//
// spec: RFC 6109 §3.1.2, RFC 5321 §4.2, RFC 3463
type SMTPError struct {
	Code     int    // reply code, such as 552
	Enhanced [3]int // enhanced status code, such as 5.3.4
	Message  string // in English
}

// Error gives the reply as SMTP would.
func (e *SMTPError) Error() string { panic("todo") }

// Submit hands a mail to the access point of the sender's provider, as the user
// does whose mailbox from is. from and to are those of the SMTP envelope. What
// follows at once has happened when Submit returns: see [Submission] for the
// outcome and the mailboxes for the messages.
//
// A mail that fails the formal checks or has a virus is answered by a
// non-acceptance, which is no error. An error is a [*SMTPError] or [ErrClosed].
// msg is copied.
//
// spec: RFC 6109 §2.2.1, §3.1
func (c *Circuit) Submit(from string, to []string, msg []byte) (*Submission, error) { panic("todo") }

// Arrive hands a mail that comes from outside the circuit to the incoming points
// of the recipients' providers: ordinary mail, a forgery, a message that was
// issued here and is sent again. from is the reverse path, "" for a bounce.
//
// An error is a [*SMTPError] or [ErrClosed]; nothing was delivered then.
//
// spec: RFC 6109 §2.2.2
func (c *Circuit) Arrive(from string, to []string, msg []byte) error { panic("todo") }

// SetFault gives an address a fault from now on, or takes it away with FaultNone,
// a magic address's too.
func (c *Circuit) SetFault(address string, f Fault) { panic("todo") }

// Clock returns the circuit's clock.
func (c *Circuit) Clock() *Clock { panic("todo") }

// Mailbox returns the mailbox of a user, nil if there is none. Case does not
// matter.
func (c *Circuit) Mailbox(address string) *Mailbox { panic("todo") }

// Mailboxes yields the mailboxes of all users, provider by provider, as they
// were declared.
func (c *Circuit) Mailboxes() iter.Seq[*Mailbox] { panic("todo") }

// Outside returns what left the circuit: the mails to recipients with ordinary
// mailboxes. Message.To says for whom each is.
func (c *Circuit) Outside() *Mailbox { panic("todo") }

// Provider returns a provider by its host, nil if there is none.
func (c *Circuit) Provider(host string) *Provider { panic("todo") }

// Providers yields the providers as they were declared.
func (c *Circuit) Providers() iter.Seq[*Provider] { panic("todo") }

// Anchor returns the certificate of the circuit's authority.
func (c *Circuit) Anchor() *x509.Certificate { panic("todo") }

// TrustStore returns a store that believes the circuit's authority and no other.
func (c *Circuit) TrustStore() *trust.Store { panic("todo") }

// VerifyOptions returns the options under which pec.Verify judges messages of
// this circuit: its authority and its clock.
func (c *Circuit) VerifyOptions() *pec.VerifyOptions { panic("todo") }

// Verify reads and verifies a message of this circuit.
func (c *Circuit) Verify(m *Message) (*pec.Report, error) { panic("todo") }

// Log yields the log: every operation of every provider, in the order in which
// they happened.
//
// spec: RFC 6109 §2.3
func (c *Circuit) Log() iter.Seq[LogEntry] { panic("todo") }

// Stored returns how many bytes mailboxes, virus stores and log take.
func (c *Circuit) Stored() int64 { panic("todo") }

// Clear empties all mailboxes and virus stores and the log. What is under way
// goes on.
func (c *Circuit) Clear() { panic("todo") }
