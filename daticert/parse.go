package daticert

// Options are limits for Parse. The zero value, and nil, mean the defaults.
type Options struct {
	MaxSize   int // bytes; 0 means 1 MiB
	MaxMarkup int // elements, attributes, comments, CDATA sections and the like together; 0 means 100,000
}

const (
	defaultMaxSize   = 1 << 20
	defaultMaxMarkup = 100_000
)

func (o *Options) maxSize() int {
	if o == nil || o.MaxSize <= 0 {
		return defaultMaxSize
	}
	return o.MaxSize
}

func (o *Options) maxMarkup() int {
	if o == nil || o.MaxMarkup <= 0 {
		return defaultMaxMarkup
	}
	return o.MaxMarkup
}

// Parse reads one daticert.xml in UTF-8, ISO-8859-1, windows-1252, US-ASCII or
// UTF-16. The result does not refer to b. Where a value is stated twice the first one
// counts, and an element at a place where the DTD has none is not read.
//
// A document that is not well-formed, or whose root is not postacert, gives a
// [*SyntaxError]; one over a limit a [*SizeError], a [*DepthError] or a
// [*MarkupError], all of which are [ErrLimit]. Everything less is in
// [Data.Defects].
//
// spec: RFC 6109 §4.4
func Parse(b []byte, o *Options) (*Data, error) {
	if limit := o.maxSize(); len(b) > limit {
		return nil, &SizeError{Size: len(b), Max: limit}
	}
	var doc document
	doc.open(b)
	var starts [32]int
	s := scanner{doc: &doc, maxMarkup: o.maxMarkup(), starts: starts[:0]}
	if err := s.scan(); err != nil {
		return nil, err
	}
	t, err := s.result()
	if err != nil {
		return nil, &SyntaxError{Err: err}
	}
	r := reader{doc: &doc, tree: t, data: &Data{raw: s.raw}}
	r.prolog(&s)
	r.postacert(&t.nodes[0])
	t.free()
	r.data.Defects = r.defects.sorted()
	return r.data, nil
}
