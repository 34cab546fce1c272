package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// sentFile is a mail that the user says to have sent. It is read once, in place,
// and stays open: attachments are read again for brief receipts.
type sentFile struct {
	file   string // as given, for reports
	sha256 string // of the whole file, lower-case hex
	size   int64  // of the whole file
	doubt  doubt

	item   *mailbox.Item
	mail   io.ReaderAt
	length int64 // of the mail: a "From " line on top of the file is not part of it
	sent   *follow.Sent
}

// openSentFiles opens the files of -sent. The first that cannot be read ends the
// run before anything is verified: an answer about the others would not be the
// one that was asked for.
func openSentFiles(ctx context.Context, c *config, limits pec.Limits) (files []*sentFile, err *usageError) {
	for _, name := range c.sent {
		s, failed := openSent(ctx, name, c.maxSize, limits)
		if failed != nil {
			closeSentFiles(files)
			return nil, failed.usage("-sent", name)
		}
		files = append(files, s)
	}
	return files, nil
}

func closeSentFiles(files []*sentFile) {
	for _, s := range files {
		s.item.Close()
	}
}

// usage makes of a failure one of the command line: a flag's file is to blame.
func (f *failure) usage(flag, name string) *usageError {
	where := flag + " " + printable.String(name, 200) + ": "
	return &usageError{where + f.en, where + f.it}
}

func openSent(ctx context.Context, name string, maxSize int64, limits pec.Limits) (*sentFile, *failure) {
	item, failed := oneMessage(ctx, name, maxSize)
	if failed != nil {
		return nil, failed
	}
	s := &sentFile{file: item.File, item: item}
	failed = s.read(ctx, name, limits)
	if failed != nil {
		item.Close()
		return nil, failed
	}
	return s, nil
}

// oneMessage opens a file that is one message, by the same rules as every other.
func oneMessage(ctx context.Context, name string, maxSize int64) (*mailbox.Item, *failure) {
	if name == "-" {
		return nil, failuref(pec.ErrorUsage, "standard input is read only as FILE", "lo standard input si legge solo come FILE")
	}
	several := failuref(pec.ErrorUsage, "not one message: a folder, an mbox and an archive hold several",
		"non è un singolo messaggio: una cartella, un mbox e un archivio ne contengono più d'uno")
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, several
	}
	for item := range mailbox.New(name, &mailbox.Options{MaxSize: maxSize}).Items(ctx) {
		if item.File == printable.FileName([]byte(name)) {
			return item, nil
		}
		item.Close()
		break
	}
	return nil, several
}

// read reads what the file is, its content and its digest. Nothing is held of it
// but digests. The digest that stands beside what is found must be of the very bytes
// that were compared: it is taken before they are read and again after that.
func (s *sentFile) read(ctx context.Context, name string, limits pec.Limits) *failure {
	var err error
	if s.mail, s.length, err = s.item.Open(ctx); err != nil {
		return notOpened(err)
	}
	if s.length == 0 { // it would be the same as every mail without a text
		return failuref(pec.ErrorUsage, "the file is empty", "il file è vuoto")
	}
	if s.sha256, s.size, err = digestOfFile(ctx, name); err != nil {
		return notRead(err)
	}
	s.mail = cancelReaderAt{ctx, s.mail}
	m, err := limits.Read(s.mail, s.length)
	if err != nil {
		return notRead(err)
	}
	s.doubt = doubtful(m)
	if s.sent, err = follow.NewSent(s.mail, s.length); err != nil {
		return notRead(err)
	}
	switch again, _, err := digestOfFile(ctx, name); {
	case err != nil:
		return notRead(err)
	case again != s.sha256:
		return notRead(pec.ErrChanged)
	}
	return nil
}

// digestOfFile hashes a whole file and counts its bytes.
func digestOfFile(ctx context.Context, name string) (digest string, size int64, err error) {
	f, err := os.Open(name)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	sum := sha256.New()
	size, err = io.Copy(sum, cancelReader{ctx, f})
	return hex.EncodeToString(sum.Sum(nil)), size, err
}

// doubt says why a file may not be the mail as it was sent.
type doubt uint8

const (
	noDoubt doubt = iota
	isPEC         // it is what a provider issued
	noMail        // it has none of the fields that every mail has
)

func doubtful(m *pec.Message) doubt {
	switch {
	case m.Kind.Certifies(), m.Kind == pec.KindAnomaly:
		return isPEC
	case m.FirstHeader("From") == "" && m.FirstHeader("Date") == "":
		return noMail
	}
	return noDoubt
}

// doubts are the hints about the files of -sent.
func (p *program) doubts() {
	for _, s := range p.sent {
		switch file := show(s.file); s.doubt {
		case isPEC:
			p.diag.hintf("-sent %s: %s", file, p.say("is what a provider issued; -sent wants the mail as it was sent", "è stato emesso da un gestore; -sent vuole il messaggio così come è stato inviato"))
		case noMail:
			p.diag.hintf("-sent %s: %s", file, p.say("does not look like a mail", "non sembra un messaggio di posta"))
		}
	}
}

// comparison is what holding a message against the files of -sent found: the
// best match.
type comparison struct {
	*follow.Comparison
	with   *sentFile
	failed *failure // why there is no answer although there is a verdict; Match is none then
}

// compare holds a message against every file of -sent. The best match counts;
// among equal ones that with the fewest parts that are not the same; then the
// one given first. It returns nil without -sent.
func (p *program) compare(report *pec.Report) *comparison {
	if p.dossier != nil && !p.c.json {
		return nil // the dossier holds the comparisons
	}
	var best *comparison
	var failed *failure
	for _, s := range p.sent {
		found, err := s.sent.Compare(report)
		if err != nil {
			failed = notRead(err)
			found = &follow.Comparison{Match: follow.MatchNone}
		}
		if c := (&comparison{Comparison: found, with: s}); best == nil || c.better(best) {
			best = c
		}
	}
	if best != nil && !best.matches() {
		best.failed = failed // the file that could not be compared may be the one
	}
	return best
}

var matchRank = map[follow.Match]int{follow.MatchIdentical: 3, follow.MatchEquivalent: 2, follow.MatchDiffers: 1, follow.MatchNone: 0}

func (c *comparison) better(than *comparison) bool {
	if a, b := matchRank[c.Match], matchRank[than.Match]; a != b {
		return a > b
	}
	return c.unlike() < than.unlike()
}

// unlike counts the parts that are not the same.
func (c *comparison) unlike() int {
	n := 0
	for _, part := range c.Parts {
		if part.Status != follow.PartSame {
			n++
		}
	}
	return n
}

// matches reports whether the message is about the file.
func (c *comparison) matches() bool {
	return c.Match == follow.MatchIdentical || c.Match == follow.MatchEquivalent
}

// answerSent answers -sent. A comparison that could not be made leaves the
// verdict as it is and the question open.
func (p *program) answerSent(r *result, report *pec.Report, c *comparison) {
	switch {
	case c.matches():
		return
	case c.failed != nil:
		r.status = exitNoVerdict
		r.refused = append(r.refused, p.say("comparison with -sent failed: ", "confronto con -sent non riuscito: ")+c.failed.text(p.c.lang))
		return
	}
	r.status = exitNotCertified
	if report.Certified { // of one that is not, the verdict says enough
		r.warning = append(r.warning, p.noMatch(c))
	}
}

// noMatch says that a message is not about a file of -sent.
func (p *program) noMatch(c *comparison) string {
	switch {
	case c.Match == follow.MatchNone:
		return p.say("encloses nothing that could be compared with -sent", "non contiene nulla da confrontare con -sent")
	case len(p.sent) == 1:
		return p.say("is not about the file of -sent as it is", "non riguarda il file di -sent così com'è")
	}
	return p.say("is about none of the files of -sent as they are", "non riguarda nessuno dei file di -sent così come sono")
}
