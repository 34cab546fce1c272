package daticert

import (
	"fmt"
	"slices"
	"strings"
)

// reader takes the data out of the tree, by the content models of the DTD.
type reader struct {
	doc     *document
	tree    *tree
	data    *Data
	defects defectList
}

// defect lists a defect; the path is made of its parts.
func (r *reader) defect(id DefectID, at int, detail string, path ...string) {
	if !r.defects.room(id) {
		return
	}
	line, offset := r.doc.locate(at)
	r.defects.list = append(r.defects.list, Defect{ID: id, Path: strings.Join(path, ""), Line: line, Offset: offset, Detail: detail})
}

// prolog lists what the scanner and the conversion found.
func (r *reader) prolog(s *scanner) {
	if r.doc.enc != encUTF8 {
		r.defect(DefectEncoding, 0, "the document is in "+r.doc.enc.String()+", not UTF-8")
	}
	if s.doctype >= 0 {
		r.defect(DefectDoctype, s.doctype, "a DOCTYPE, which was ignored")
	}
	for _, b := range s.bad {
		detail := r.doc.describe(b.pos)
		if b.reference {
			detail = fmt.Sprintf("reference %s to a character that XML 1.0 forbids", quote(r.doc.text[b.pos:b.end]))
		}
		r.defect(DefectCharacter, b.pos, detail, b.path)
	}
	if more := s.badCount - len(s.bad); more > 0 {
		r.defects.count(DefectCharacter, more)
	}
}

const (
	pathPostacert    = "/postacert"
	pathIntestazione = "/postacert/intestazione"
	pathDati         = "/postacert/dati"
	pathData         = "/postacert/dati/data"
)

func (r *reader) postacert(root *node) {
	at := root.at
	r.data.present.add(elPostacert)
	r.knownAttributes(root, at, "", elPostacert, "tipo", "errore")
	tipo, ok := root.attribute("tipo")
	r.data.Type = Type(constant(tipo))
	r.token(ok, r.data.Type.Known(), at, tipo, pathPostacert, "/@tipo")
	r.data.Error = ErrorNone
	if errore, ok := root.attribute("errore"); ok {
		r.data.Error = ErrorCode(constant(errore))
		r.token(true, r.data.Error.Known(), at, errore, pathPostacert, "/@errore")
	}
	dateAt := at
	r.children(root, at, pathPostacert, modelPostacert, func(el element, e *node, at int, again bool) {
		switch {
		case again:
			r.defect(DefectRepeated, at, "a second "+el.String()+", which was not read", pathPostacert, "/", el.String())
		case el == elIntestazione:
			r.intestazione(e, at)
		case el == elDati:
			dateAt = r.dati(e, at)
		}
	})
	if _, err := r.data.Time(); err != nil {
		r.defect(DefectDate, dateAt, strings.TrimPrefix(err.Error(), "daticert: "), pathData)
	}
}

func (r *reader) intestazione(e *node, at int) {
	r.knownAttributes(e, at, pathPostacert, elIntestazione)
	r.children(e, at, pathIntestazione, modelIntestazione, func(el element, e *node, at int, again bool) {
		if el != elDestinatari {
			r.single(el, e, at, again, pathIntestazione)
			return
		}
		r.knownAttributes(e, at, pathIntestazione, el, "tipo")
		kind := RecipientCertified
		if tipo, ok := e.attribute("tipo"); ok {
			kind = RecipientType(constant(tipo))
			r.token(true, kind.Known(), at, tipo, pathIntestazione, "/destinatari/@tipo")
		}
		r.data.Recipients = append(r.data.Recipients, Recipient{kind, r.text(e, at, pathIntestazione, el)})
	})
}

// dati returns where element data begins, or the place for saying that it is
// missing.
func (r *reader) dati(e *node, at int) (dateAt int) {
	dateAt = at
	r.knownAttributes(e, at, pathPostacert, elDati)
	r.children(e, at, pathDati, modelDati, func(el element, e *node, at int, again bool) {
		switch el {
		case elData:
			if !again {
				dateAt = at
			}
			r.date(e, at, again)
		case elRicevuta:
			r.receipt(e, at, again)
		case elRicezione:
			r.knownAttributes(e, at, pathDati, el)
			r.data.Receptions = append(r.data.Receptions, r.text(e, at, pathDati, el))
		default:
			r.single(el, e, at, again, pathDati)
		}
	})
	return dateAt
}

// single reads an element with text that may be there once.
func (r *reader) single(el element, e *node, at int, again bool, path string) {
	r.knownAttributes(e, at, path, el)
	value, field := r.text(e, at, path, el), r.data.text(el)
	if again {
		r.repeated(el, at, path, *field, value)
		return
	}
	*field = value
}

// repeated judges the second value of an element that may be there once.
func (r *reader) repeated(el element, at int, path, first, second string) {
	if first == second {
		r.defect(DefectDTD, at, "a second "+el.String()+" with the same value", path, "/", el.String())
		return
	}
	r.defect(DefectRepeated, at, fmt.Sprintf("a second %s, %s, after %s", el, quote(second), quote(first)), path, "/", el.String())
}

func (r *reader) date(e *node, at int, again bool) {
	r.knownAttributes(e, at, pathDati, elData, "zona")
	zone, ok := e.attribute("zona")
	if !ok {
		r.defect(DefectDTD, at, "the attribute is missing", pathData, "/@zona")
	}
	first, present := r.data.Date, r.data.present
	r.data.Date = Date{Zone: zone}
	r.children(e, at, pathData, modelData, func(el element, e *node, at int, again bool) {
		r.single(el, e, at, again, pathData)
	})
	if again {
		second := r.data.Date
		r.data.Date, r.data.present = first, present
		r.repeated(elData, at, pathDati, first.String(), second.String())
	}
}

// String gives the parts as they were written.
func (d Date) String() string { return d.Day + " " + d.Hour + " " + d.Zone }

func (r *reader) receipt(e *node, at int, again bool) {
	const path = pathDati + "/ricevuta"
	r.knownAttributes(e, at, pathDati, elRicevuta, "tipo")
	tipo, ok := e.attribute("tipo")
	r.token(ok, ReceiptType(tipo).Known(), at, tipo, path, "/@tipo")
	if e.first != 0 {
		r.defect(DefectDTD, at, "content in an element that has none", path)
	}
	if again {
		r.repeated(elRicevuta, at, pathDati, string(r.data.Receipt), tipo)
		return
	}
	r.data.Receipt = ReceiptType(constant(tipo))
}

// children goes through the elements inside e by its content model. The
// function given reads those that the model names; again tells that the model
// allows the element once and it was there before.
func (r *reader) children(e *node, at int, path string, model []particle,
	read func(el element, e *node, at int, again bool)) {
	var seen elementSet
	last := 0
	for t := range r.tree.inside(e) {
		if t.name == "" {
			if trimSpace(t.text) != "" {
				r.defect(DefectDTD, at, "text "+quote(trimSpace(t.text))+" where only elements may be", path)
			}
			continue
		}
		i := slices.IndexFunc(model, func(p particle) bool { return p.element.String() == t.name })
		if i < 0 {
			r.defect(DefectDTD, t.at, "the DTD has no such element here", path, "/", shortName(t.name))
			continue
		}
		el := model[i].element
		again := seen.has(el) && !model[i].repeats
		if i < last && !again {
			r.defect(DefectDTD, t.at, "out of order: it stands after "+model[last].element.String(), path, "/", t.name)
		}
		last = max(last, i)
		seen.add(el)
		read(el, t, t.at, again)
	}
	r.data.present |= seen
	for _, p := range model {
		if p.required && !seen.has(p.element) {
			r.defect(DefectDTD, at, "the element is missing", path, "/", p.element.String())
		}
	}
}

// text returns the whole text of an element: comments and processing
// instructions inside it are nothing, CDATA sections are text.
func (r *reader) text(e *node, at int, path string, el element) string {
	if e.first == 0 {
		return ""
	}
	if only := &r.tree.nodes[e.first]; only.next == 0 && only.name == "" {
		return trimSpace(only.text)
	}
	var b strings.Builder
	for t := range r.tree.inside(e) {
		if t.name == "" {
			b.WriteString(t.text)
			continue
		}
		r.defect(DefectMixed, t.at, "an element inside text, which was not read", path, "/", el.String(), "/", shortName(t.name))
	}
	return trimSpace(b.String())
}

// trimSpace takes off what XML calls white space and nothing else: a
// no-break space is part of a value.
func trimSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

// token lists the defect of an attribute that is missing or has a value that
// the DTD does not list.
func (r *reader) token(there, known bool, at int, value string, path ...string) {
	switch {
	case !there:
		r.defect(DefectDTD, at, "the attribute is missing", path...)
	case !known:
		r.defect(DefectDTD, at, "unknown value "+quote(value), path...)
	}
}

// knownAttributes lists the attributes of e that the DTD does not declare.
func (r *reader) knownAttributes(e *node, at int, parent string, el element, known ...string) {
	for i := range e.attributes {
		if name := e.attributes[i].name; !slices.Contains(known, name) {
			r.defect(DefectDTD, at, "the DTD has no such attribute here", parent, "/", el.String(), "/@", shortName(name))
		}
	}
}
