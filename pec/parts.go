package pec

import (
	"strings"

	"github.com/gopec/gopec/internal/mime"
)

// parts are the parts of a signed PEC message, found by their position in the
// structure of RFC 6109 §4.3: children of the signed multipart/mixed. Name and
// type are the evidence which child is which.
type parts struct {
	text      *mime.Entity
	daticert  *mime.Entity
	original  *mime.Entity
	daticerts int // in the signed part, at any depth but not inside enclosed messages
	originals int // postacert.eml, likewise
	misplaced bool
}

// maxText bounds what is read of the readable text.
const maxText = 64 << 10

// findParts looks through the signed part. spec: RFC 6109 §4.3
func findParts(content *mime.Entity) parts {
	var p parts
	if content == nil {
		return p
	}
	p.count(content)
	if content.MediaType != "multipart/mixed" {
		p.misplaced = p.daticerts > 0
		return p
	}
	var mail *mime.Entity
	for i, e := range content.Parts {
		switch {
		case isDaticert(e) && p.daticert == nil:
			p.daticert = e
		case isOriginal(e) && p.original == nil:
			p.original = e
		case isMail(e) && mail == nil:
			mail = e
		case i == 0:
			p.text = textOf(e)
		}
	}
	if p.original == nil {
		p.original = mail // an anomaly envelope names its enclosed message freely
	}
	p.misplaced = p.daticert == nil && p.daticerts > 0
	return p
}

// count counts what looks like a daticert or an original anywhere in the
// signed part, so that a second one cannot stand in a corner unseen.
func (p *parts) count(e *mime.Entity) {
	switch {
	case isOriginal(e):
		p.originals++
		return // what is inside an enclosed message is another layer
	case isMail(e):
		return
	case isDaticert(e):
		p.daticerts++
	}
	for _, c := range e.Parts {
		p.count(c)
	}
}

// isDaticert knows the certification data by its name.
//
// QUIRK: RFC 6109 §4.3.3 calls it certdata.xml; every provider follows the
// Italian rules and writes daticert.xml.
func isDaticert(e *mime.Entity) bool {
	if len(e.Parts) > 0 || isMail(e) {
		return false
	}
	name := strings.ToLower(strings.TrimSpace(e.Filename()))
	return name == "daticert.xml" || name == "certdata.xml"
}

// isOriginal knows the enclosed original by its name and type.
func isOriginal(e *mime.Entity) bool {
	return isMail(e) && strings.ToLower(strings.TrimSpace(e.Filename())) == "postacert.eml"
}

// textOf returns the plain text in the first part. spec: RFC 6109 §4.3.1
func textOf(e *mime.Entity) *mime.Entity {
	if e.MediaType == "text/plain" && len(e.Parts) == 0 {
		return e
	}
	if e.MediaType != "multipart/alternative" {
		return nil
	}
	for _, c := range e.Parts {
		if c.MediaType == "text/plain" && len(c.Parts) == 0 {
			return c
		}
	}
	return nil
}

func (p *parts) readText(form mime.Form) string {
	if p.text == nil {
		return ""
	}
	s, err := p.text.Text(form, maxText)
	if err != nil {
		return "" // meant for people only; a text that cannot be decoded tells nothing
	}
	return s
}
