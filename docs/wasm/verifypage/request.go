package verifypage

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// Request says what one file is asked for. The zero value, with a name, asks
// what pecverify does without flags.
type Request struct {
	Name string   `json:"name"` // of the file, for reports and for the rules about names
	Lang pec.Lang `json:"lang"` // of a View; English if it is empty
	// DetailLang is the language of details in JSON; English if it is empty,
	// as in pecverify without -lang.
	DetailLang pec.Lang `json:"detailLang"`

	Trust  []string   `json:"trust"`  // "agid" or authorities in PEM; none means AgID's
	Policy pec.Policy `json:"policy"` // "" is the default
	At     string     `json:"at"`     // "", "now", or a time of RFC 3339
	Clock  string     `json:"clock"`  // the present time; "" is that of the machine
}

// Result is what came of one message.
type Result struct {
	Number    int    `json:"number"` // in the file, from 1
	File      string `json:"file"`   // its name as pecverify gives it
	Line      string `json:"line"`   // the JSON of pecverify, one line
	Status    int    `json:"status"` // the exit status of pecverify for it
	View      *View  `json:"view"`
	Certified bool   `json:"certified"`
}

// Summary says what else was in the file.
type Summary struct {
	Messages int      `json:"messages"`
	Others   int      `json:"others"` // left out, because they are no messages
	Hints    []string `json:"hints"`
}

// options turns the request into those of package pec.
func (q *Request) options() (*pec.VerifyOptions, error) {
	o := &pec.VerifyOptions{Policy: q.Policy}
	now := time.Now()
	if q.Clock != "" {
		var err error
		if now, err = time.Parse(time.RFC3339, q.Clock); err != nil {
			return nil, fmt.Errorf("clock: %w", err)
		}
	}
	o.Clock = func() time.Time { return now }
	switch q.At {
	case "":
	case "now":
		o.AtNow = true
	default:
		at, err := time.Parse(time.RFC3339, q.At)
		if err != nil || at.IsZero() {
			return nil, fmt.Errorf("at: %q is no time of RFC 3339", q.At)
		}
		o.At = at
	}
	var err error
	o.Trust, err = q.store()
	return o, err
}

// store is the trust store that the request asks for; nil means AgID's.
func (q *Request) store() (*trust.Store, error) {
	if len(q.Trust) == 0 {
		return nil, nil
	}
	withAgID := false
	var all []*x509.Certificate
	for _, t := range q.Trust {
		if t == "agid" {
			withAgID = true
			continue
		}
		certs, err := trust.ParseAnchors([]byte(t))
		if err != nil {
			return nil, err
		}
		all = append(all, certs...)
	}
	return trust.NewStore(withAgID, all...)
}

// Verify goes through the messages of a file of size bytes and hands the result
// of each to emit, in order, until emit returns false. The error says that the
// request itself cannot be obeyed: one that is about a message is a result.
func (q *Request) Verify(ctx context.Context, r io.ReaderAt, size int64, emit func(*Result) bool) (*Summary, error) {
	options, err := q.options()
	if err != nil {
		return nil, err
	}
	box := mailbox.NewOpened(q.Name, r, size, nil)
	n := 0
	for item := range box.Items(ctx) {
		n++
		if !emit(q.result(ctx, item, n, options)) {
			break
		}
	}
	s := q.summary(n, box.Others())
	if bundle.Is(r) {
		s.Hints = append(s.Hints, phrase{"This is a bundle. The revocation data and time-stamps that it keeps are not used here; pecverify uses them.",
			"Questo è un fascicolo di prova (bundle). I dati di revoca e le marche temporali che conserva qui non sono usati; pecverify li usa."}.in(q.lang()))
	}
	return s, nil
}

func (q *Request) summary(messages int, others mailbox.Others) *Summary {
	s := &Summary{Messages: messages, Others: others.Count, Hints: []string{}}
	for _, f := range slices.Sorted(maps.Keys(others.Formats)) {
		s.Hints = append(s.Hints, fmt.Sprintf("%s (%d): %s", f.Name(string(q.lang())), others.Formats[f], f.Hint(string(q.lang()))))
	}
	return s
}

func (q *Request) lang() pec.Lang {
	if q.Lang == pec.Italian {
		return pec.Italian
	}
	return pec.English
}

// result verifies one message. Whatever goes wrong with it, a crash of ours
// included, is its own result and stops no other.
func (q *Request) result(ctx context.Context, item *mailbox.Item, n int, o *pec.VerifyOptions) (res *Result) {
	defer item.Close()
	var report *pec.Report
	var failed *failure
	func() {
		defer func() {
			if crash := recover(); crash != nil {
				failed = failuref(pec.ErrorInternal, "internal error: %v", "errore interno: %v", crash)
			}
		}()
		report, failed = verify(ctx, item, o)
	}()
	res = &Result{Number: n, File: item.File, Status: 2}
	if failed != nil {
		res.Line = failed.line(item.File, q.DetailLang)
		res.View = q.failureView(item.File, failed)
		return res
	}
	line, err := report.JSON(item.File, q.DetailLang)
	if err != nil {
		panic(err) // a report always has a form
	}
	res.Line, res.View, res.Certified = string(line), q.view(item.File, report), report.Certified
	res.Status = 1
	if report.Certified {
		res.Status = 0
	}
	return res
}

// verify reads and verifies one message, which stays readable until the item is
// closed.
func verify(ctx context.Context, item *mailbox.Item, o *pec.VerifyOptions) (*pec.Report, *failure) {
	src, size, err := item.Open(ctx)
	if err != nil {
		return nil, notOpened(err)
	}
	m, err := pec.Read(src, size)
	if err != nil {
		return nil, notRead(err)
	}
	report, err := pec.Verify(m, o)
	if report == nil {
		return nil, notRead(err)
	}
	return report, nil
}

// errNoSuchMessage says that a file has no message of a number, or not any more.
var errNoSuchMessage = errors.New("no such message")

// message verifies the message of a number once more and hands its report over
// while the file behind it is open. Reports are not kept: a file can hold a
// hundred thousand messages.
func (q *Request) message(ctx context.Context, r io.ReaderAt, size int64, number int, use func(file string, report *pec.Report, failed *failure) error) error {
	options, err := q.options()
	if err != nil {
		return err
	}
	for n, item := range numbered(mailbox.NewOpened(q.Name, r, size, nil).Items(ctx)) {
		if n != number {
			item.Close()
			continue
		}
		defer item.Close()
		report, failed := verify(ctx, item, options)
		return use(item.File, report, failed)
	}
	return errNoSuchMessage
}

// numbered counts items from 1.
func numbered(items iter.Seq[*mailbox.Item]) iter.Seq2[int, *mailbox.Item] {
	return func(yield func(int, *mailbox.Item) bool) {
		n := 0
		for item := range items {
			n++
			if !yield(n, item) {
				return
			}
		}
	}
}
