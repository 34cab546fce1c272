package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gopec/gopec/bundle"
	"github.com/gopec/gopec/internal/mailbox"
	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
	"github.com/gopec/gopec/trust/timestamp"
)

// bundleRun is what a run with -bundle holds.
type bundleRun struct {
	maker *bundle.Maker
	out   *outFile
	left  int // messages without verdict, which are not in it

	stamps map[[sha256.Size]byte]bool // that are in it
}

// toKeep is a message that waits for its place in the bundle.
type toKeep struct {
	item bundle.Item
	done func() error
}

// openBundle begins the bundle and its file.
func (p *program) openBundle() *usageError {
	if p.c.bundle == "" {
		return nil
	}
	if err := p.keepsInputs("-bundle", p.c.bundle); err != nil {
		return err
	}
	out, err := newOutFile(p.c.bundle, p.c.force)
	if err != nil {
		return outError("-bundle", p.c.bundle, err)
	}
	maker, err := bundle.NewMaker(bundle.Options{Created: p.options.Clock(), Program: "pecverify " + version(), Policy: p.options.Policy,
		At: p.judgedAt(), TempDir: filepath.Dir(p.c.bundle)})
	if err != nil {
		out.remove()
		return outError("-bundle", p.c.bundle, err)
	}
	p.keeping = &bundleRun{maker: maker, out: out}
	for _, s := range p.stamps {
		if err := p.keeping.addTimestamp(filepath.Base(s.name), s.content); err != nil {
			return outError("-bundle", p.c.bundle, err)
		}
	}
	return nil
}

// addTimestamp adds a time-stamp, once.
func (b *bundleRun) addTimestamp(name string, content []byte) error {
	sum := sha256.Sum256(content)
	if b.stamps[sum] {
		return nil
	}
	if b.stamps == nil {
		b.stamps = make(map[[sha256.Size]byte]bool)
	}
	b.stamps[sum] = true
	return b.maker.AddTimestamp(name, content)
}

// takeOver adds the time-stamps of a bundle whose messages go into the one that is
// made: without them they would prove less there.
func (p *program) takeOver(name string, b *bundle.Bundle) {
	for _, path := range b.Manifest.Timestamps {
		given, content, err := b.Timestamp(path)
		if err == nil {
			err = p.keeping.addTimestamp(given, content)
		}
		if err != nil {
			p.diag.warningf(p.say("%s: a time-stamp is not in the bundle that is made: %v", "%s: una marca temporale non è nel fascicolo che viene creato: %v"), show(name), err)
		}
	}
}

func (p *program) judgedAt() string {
	switch {
	case p.c.atNow:
		return "now"
	case !p.c.at.IsZero():
		return p.c.at.Format(time.RFC3339)
	}
	return "certified"
}

func (b *bundleRun) close() {
	b.maker.Close() // what is left is a temporary file
	b.out.remove()
}

// put puts a result into the bundle. A message without verdict has no place in
// it.
func (b *bundleRun) put(r *result) error {
	if r.keep == nil {
		b.left++
		return nil
	}
	defer r.keep.done()
	return b.maker.Add(r.keep.item)
}

// writeBundle writes the bundle. Its status is 0 unless it cannot be written.
func (p *program) writeBundle() int {
	b := p.keeping
	err := b.out.publish(func(w io.Writer) error {
		_, err := b.maker.WriteTo(w)
		return err
	})
	if err != nil {
		p.diag.errorf("%s", outError("-bundle", p.c.bundle, err).text(p.c.lang))
		return exitNoVerdict
	}
	if b.left > 0 {
		p.diag.warningf(p.say("-bundle: not in it, because there is no verdict: %d", "-bundle: non inclusi, perché senza esito: %d"), b.left)
	}
	return exitCertified
}

// text is the report for people that a bundle keeps.
func (p *program) text(file string, report *pec.Report) []byte {
	var b strings.Builder
	t := textReport{w: &b, lang: p.c.lang}
	t.write(file, report, nil)
	return []byte(b.String())
}

// keptMessage is a message from a bundle, with what is kept beside it.
type keptMessage struct {
	*bundle.Bundle
	entry  bundle.Entry
	stamps []*timestamp.Stamp
}

// openIfBundle opens an argument that is a bundle; nil if it is none. One that
// is damaged is opened like any other archive, and told.
func (p *program) openIfBundle(name string) (*bundle.Bundle, *os.File) {
	if name == "-" {
		return nil, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil // told where it is read as a message
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || !bundle.Is(f) {
		f.Close()
		return nil, nil
	}
	b, err := bundle.Open(f, info.Size())
	if err != nil {
		p.diag.warningf(p.say("%s: not used as a bundle, but as an archive of messages: %v", "%s: non usato come fascicolo di prova, ma come archivio di messaggi: %v"), show(name), err)
		f.Close()
		return nil, nil
	}
	return b, f
}

// bundleTasks are the messages of a bundle.
func (p *program) bundleTasks(ctx context.Context, name string, b *bundle.Bundle, first int) iter.Seq[task] {
	return func(yield func(task) bool) {
		stamps := p.keptStamps(name, b)
		for i, e := range b.Manifest.Messages {
			file := printable.FileName([]byte(name)) + "!/" + e.Path
			t := task{number: first + i, kept: &keptMessage{b, e, stamps}}
			content, size, err := b.Message(e)
			if err == nil {
				t.item, err = p.keptItem(ctx, file, content, size)
			}
			if err != nil {
				t.file, t.broken = file, err
			}
			if !yield(t) || ctx.Err() != nil {
				return
			}
		}
	}
}

// errNotOneMessage says that a bundle lists as a message what holds several.
var errNotOneMessage = errors.New("not one message")

// keptItem takes a message of a bundle, by the same rules as every other file. An
// archive or an mbox in its place is refused: one of its messages must not stand
// for all.
func (p *program) keptItem(ctx context.Context, file string, content io.ReaderAt, size int64) (*mailbox.Item, error) {
	for item := range mailbox.NewOpened(file, content, size, &mailbox.Options{MaxSize: p.c.maxSize}).Items(ctx) {
		if item.File == file {
			return item, nil
		}
		item.Close()
		break
	}
	return nil, errNotOneMessage
}

// keptStamps reads the time-stamps of a bundle, which count only if the command
// line says whom to believe about time.
func (p *program) keptStamps(name string, b *bundle.Bundle) []*timestamp.Stamp {
	if len(b.Manifest.Timestamps) == 0 {
		return nil
	}
	if p.options.Timestamps.Anchors == nil {
		p.diag.hintf(p.say("%s: it holds time-stamps; -tsa-trust FILE says whom to believe about time", "%s: contiene marche temporali; -tsa-trust FILE indica di chi fidarsi per il tempo"), show(name))
		return nil
	}
	stamps, err := b.Timestamps()
	if err != nil {
		p.diag.warningf(p.say("%s: its time-stamps are not used: %v", "%s: le marche temporali non sono usate: %v"), show(name), err)
		return nil
	}
	return stamps
}

// with adds what is kept beside a message to what the command line gives. The error
// is about revocation data that cannot be used; the options are those with the rest.
func (k *keptMessage) with(o pec.VerifyOptions) (pec.VerifyOptions, error) {
	o.Timestamps.Stamps = append(o.Timestamps.Stamps[:len(o.Timestamps.Stamps):len(o.Timestamps.Stamps)], k.stamps...)
	data, err := k.joined(o.Revocation)
	o.Revocation = data
	return o, err
}

// joined adds the revocation data that are kept to others. What cannot be used is
// left out, and is the error.
func (k *keptMessage) joined(with *revocation.Data) (*revocation.Data, error) {
	if k == nil {
		return with, nil
	}
	data, err := k.Revocation(k.entry)
	if data.Len() == 0 {
		return with, err
	}
	all, failed := with.Join(data)
	if failed != nil {
		return with, errors.Join(err, failed)
	}
	return all, err
}

// changed says what is found now and was not found when the bundle was made, or
// the other way round.
func (p *program) changed(k *keptMessage, report *pec.Report) []string {
	then, err := k.Report(k.entry)
	if err == nil {
		var now []byte
		if now, err = report.JSON("", pec.English); err == nil {
			var different []string
			if different, err = bundle.Differences(then, now); err == nil && len(different) > 0 {
				return []string{p.say("not as when the bundle was made: ", "non come quando il fascicolo è stato creato: ") + strings.Join(different, ", ")}
			}
		}
	}
	if err != nil {
		return []string{p.say("the report of then is not compared: ", "il rapporto di allora non è confrontato: ") + err.Error()}
	}
	return nil
}
