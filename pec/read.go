package pec

import (
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/receipt"
	"github.com/gopec/gopec/smime"
)

// Read opens a message of size bytes. It returns a Message for whatever can be
// read; the error is a [*LimitError] or the reader's own. r must stay open
// until the last use of the Message, and its bytes must stay what they are: when
// they are read again and are others, that is [ErrChanged].
//
// A message of less than 128 KiB stays in memory until [Verify] or
// [Message.Release]; of a larger one nothing does but its headers.
func Read(r io.ReaderAt, size int64) (*Message, error) { return Limits{}.Read(r, size) }

// ReadAll reads a message into memory and opens it. For a large message, Read
// is the better way.
func ReadAll(r io.Reader) (*Message, error) { return Limits{}.ReadAll(r) }

// Read is the function Read under these limits.
func (l Limits) Read(r io.ReaderAt, size int64) (*Message, error) {
	// Every reader is watched, a *bytes.Reader too: a caller who uses one buffer
	// for many messages would get the digest of one with the data of another.
	d := &disk{ReaderAt: r}
	m, err := l.withDefaults().read(mime.NewSource(d, size, true), size)
	if failed := d.failed.Load(); failed != nil {
		return nil, fmt.Errorf("pec: %w", *failed)
	}
	return m, err
}

// disk remembers the first error of a reader. Decoders pass it on as their own,
// and a part that could not be read would look like one that is malformed.
type disk struct {
	io.ReaderAt
	failed atomic.Pointer[error]
}

// ReadAt implements io.ReaderAt.
func (d *disk) ReadAt(p []byte, off int64) (int, error) {
	n, err := d.ReaderAt.ReadAt(p, off)
	if err != nil && n < len(p) && !errors.Is(err, io.EOF) {
		first := err
		d.failed.CompareAndSwap(nil, &first)
	}
	return n, err
}

// ReadAll is the function ReadAll under these limits.
func (l Limits) ReadAll(r io.Reader) (*Message, error) {
	l = l.withDefaults()
	b, err := io.ReadAll(io.LimitReader(r, l.Stream+1))
	if int64(len(b)) > l.Stream {
		return nil, &LimitError{Limit: "stream", Max: l.Stream}
	}
	if err != nil {
		return nil, fmt.Errorf("pec: %w", err)
	}
	return l.read(mime.NewBytes(b), int64(len(b)))
}

func (l Limits) read(src *mime.Source, size int64) (*Message, error) {
	if size > l.Message {
		return nil, &LimitError{Limit: "message", Max: l.Message}
	}
	e, err := mime.Scan(src, l.mime())
	if err != nil {
		if le := limitError(err); le != nil {
			return nil, le
		}
		return nil, fmt.Errorf("pec: %w", err)
	}
	b := newBuilder(l)
	m := b.layer(e, true, 0)
	if m.limit != nil {
		return nil, m.limit
	}
	for _, d := range allDefects(e) {
		m.Defects = append(m.Defects, Defect{ID: "mime-" + d.ID, Path: d.Path, Detail: d.Detail})
	}
	// Of a larger message what is read from here on is read again, and checked
	// against what was scanned. A small one is here already.
	if !src.Held() {
		src.Release()
	}
	return m, nil
}

// maxDefects bounds what a hostile message can make us keep.
const maxDefects = 100

func allDefects(e *mime.Entity) []mime.Defect {
	var all []mime.Defect
	for x := range e.All {
		for _, d := range x.Defects {
			if len(all) == maxDefects {
				return all
			}
			all = append(all, d)
		}
	}
	return all
}

// builder makes the layers of one mail.
type builder struct {
	limits Limits
	inner  int64 // bytes that encoded enclosed messages may still take
	layers int   // found inside the mail so far

	originals map[*mime.Entity]*smime.Original // opened so far, by their part
}

func newBuilder(l Limits) *builder {
	return &builder{limits: l, inner: l.Inner, originals: make(map[*mime.Entity]*smime.Original)}
}

// layer reads one layer. hasHeader is false for a multipart/signed that is a
// bare part of another message. depth counts the layers around this one.
func (b *builder) layer(e *mime.Entity, hasHeader bool, depth int) *Message {
	m := &Message{Path: e.Path, entity: e, hasHeader: hasHeader, limits: b.limits, Kind: KindOrdinary}
	if hasHeader {
		m.Claims = claimsOf(e.Header)
	}
	m.signed = smime.Of(e)
	if m.signed == nil {
		m.Layers = b.inside(e, mime.Form{}, depth+1)
		return m
	}
	if m.limit = signatureLimit(m.signed); m.limit != nil {
		m.Kind = KindUnknown
		return m
	}
	form := m.signed.ReadingForm()
	m.parts = findParts(m.signed.Content())
	m.readData(form)
	m.Kind = m.kind()
	b.views(m, form)
	if c := m.signed.Content(); c != nil {
		m.Layers = b.inside(c, form, depth+1)
	}
	return m
}

// readData parses the certification data in the signed part.
func (m *Message) readData(form mime.Form) {
	m.Data, m.DataErr = nil, nil
	if m.parts.daticert == nil {
		return
	}
	data, err := parseDaticert(m.parts.daticert, form, m.limits.Daticert)
	if m.limit = limitError(err); m.limit != nil {
		m.limit.Path = m.parts.daticert.Path
		return
	}
	m.Data, m.DataErr = data, err
}

func parseDaticert(e *mime.Entity, form mime.Form, max int) (*daticert.Data, error) {
	var data *daticert.Data
	var failed error
	e.Lend(form, int64(max), func(b []byte, err error) {
		switch {
		case len(b) > max:
			failed = &daticert.SizeError{Size: len(b), Max: max}
		case err != nil:
			failed = fmt.Errorf("daticert.xml cannot be decoded: %w", err)
		default:
			data, failed = daticert.Parse(b, &daticert.Options{MaxSize: max})
		}
	})
	return data, failed
}

// kind tells what a signed layer is: the type in its signed data, never its
// Subject and never a part of a word.
func (m *Message) kind() Kind {
	switch {
	case m.Data != nil && m.Data.Type.Known():
		return Kind(m.Data.Type)
	case m.parts.daticert == nil && token(m.Claims.Transport) == "errore":
		return KindAnomaly
	}
	return KindUnknown
}

// views gives the layer the typed view of its kind.
func (b *builder) views(m *Message, form mime.Form) {
	var original *smime.Original
	if e := m.parts.original; e != nil {
		original = smime.NewOriginal(e, form, b.innerLimits())
		b.spend(e, original.Message())
		b.originals[e] = original
	}
	switch {
	case m.Kind == KindAnomaly:
		m.Anomaly = &envelope.Anomaly{Original: original}
	case m.Data == nil:
	case m.Kind == KindTransport:
		m.Transport = &envelope.Transport{Data: m.Data, Original: original}
	case m.Kind.Certifies():
		m.Notice = &receipt.Notice{Type: m.Data.Type, Data: m.Data, Original: original, Text: m.parts.readText(form)}
	}
}

// innerLimits are the limits under which an encoded enclosed message is opened.
func (b *builder) innerLimits() *mime.Limits {
	l := *b.limits.mime()
	l.Inner = max(b.inner, 1) // 0 would mean the default
	return &l
}

// spend counts what an enclosed message took of memory: nothing if it is not
// encoded, since then it is a range of the message around it.
func (b *builder) spend(part, message *mime.Entity) {
	if message != nil && message.Source() != part.Source() {
		b.inner -= message.Raw.Length
	}
}

func claimsOf(h mime.Header) Claims {
	return Claims{
		Transport:   h.Get("X-Trasporto"),
		Receipt:     h.Get("X-Ricevuta"),
		ReceiptType: h.Get("X-TipoRicevuta"),
		Security:    h.Get("X-VerificaSicurezza"),
		Reference:   h.Get("X-Riferimento-Message-ID"),
	}
}
