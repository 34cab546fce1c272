package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/pec"
)

// sent says whether the message is about the file of -sent, how that was told,
// and what differs.
func (t *textReport) sent(r *pec.Report, c *comparison) {
	t.line("")
	t.heading(t.words("Compared with what was sent", "Confronto con quanto inviato"))
	t.field("file", c.with.file)
	t.field("SHA-256", c.with.sha256)
	answer, colour, mark := t.noMatch(r, c), "31", "✗"
	if c.matches() {
		answer, colour, mark = t.step(c.Comparison), "32", "✓"
	}
	if !r.Certified {
		t.hanging("  "+t.paint("33", "!")+" ", len("  x "), t.words("the message is not certified, so what follows proves nothing", "il messaggio non è certificato: quanto segue non prova nulla"))
		colour, mark = "33", "-"
	}
	t.hanging("  "+t.paint(colour, mark)+" ", len("  x "), answer)
	t.unlikeParts(c.Parts)
	if c.Match == follow.MatchEquivalent {
		t.otherFields(c.Headers)
	}
	if !c.matches() {
		t.sameID(r, c.with)
	}
}

// step says by what the contents were found to be the same.
func (t *textReport) step(c *follow.Comparison) string {
	switch c.Step {
	case follow.StepBytes:
		return t.words("it is about this file: the enclosed mail is the same, byte for byte",
			"riguarda questo file: il messaggio allegato è lo stesso, byte per byte")
	case follow.StepNorm:
		return t.words("it is about this file: the enclosed mail is the same but for line ends and for what the rules have providers change in the header",
			"riguarda questo file: il messaggio allegato è lo stesso, salvo i fine riga e ciò che le regole fanno cambiare al gestore nell'intestazione")
	case follow.StepHashes:
		return t.words("it is about this file: the brief receipt holds the same attachments, by their hashes, and the other parts have the same content",
			"riguarda questo file: la ricevuta breve riporta le impronte degli stessi allegati, e le altre parti hanno lo stesso contenuto")
	}
	return t.words("it is about this file: every part has the same content, encoded in another way",
		"riguarda questo file: ogni parte ha lo stesso contenuto, codificato in altro modo")
}

// noMatch says that the message does not answer for the file.
func (t *textReport) noMatch(r *pec.Report, c *comparison) string {
	switch {
	case c.Match == follow.MatchDiffers:
		return fmt.Sprintf(t.words("it is NOT about this file as it is: of %d parts %d are not the same",
			"NON riguarda questo file così com'è: su %d parti %d non coincidono"), len(c.Parts), c.unlike())
	case c.failed != nil:
		return t.words("the comparison failed: ", "confronto non riuscito: ") + c.failed.text(t.lang)
	case r.Kind == pec.KindDelivery || r.Kind == pec.KindTransport:
		return t.words("nothing could be compared: what was sent is not enclosed in it",
			"nulla da confrontare: non contiene quanto inviato")
	}
	return t.words("nothing could be compared: a message of this kind does not enclose what was sent",
		"nulla da confrontare: un messaggio di questo tipo non contiene quanto inviato")
}

// unlikeParts names the parts that are not the same.
func (t *textReport) unlikeParts(parts []follow.Part) {
	var lines []string
	for _, p := range parts {
		if p.Status == follow.PartSame {
			continue
		}
		lines = append(lines, t.partStatus(p)+t.partName(p))
	}
	t.list(t.words("parts", "parti"), lines)
}

func (t *textReport) partStatus(p follow.Part) string {
	switch p.Status {
	case follow.PartMissing:
		return t.words("only in the file: ", "solo nel file: ")
	case follow.PartExtra:
		return t.words("only in the message: ", "solo nel messaggio: ")
	}
	return t.words("differs: ", "diversa: ")
}

// partName names a part. Its name is outside text and comes last.
func (t *textReport) partName(p follow.Part) string {
	var words []string
	if at := position(p); at != "" {
		words = append(words, t.words("part ", "parte ")+at)
	}
	if p.MediaType != "" {
		words = append(words, p.MediaType)
	}
	if p.Name != "" {
		words = append(words, p.Name)
	}
	if len(words) == 0 {
		return t.words("the whole text", "l'intero testo")
	}
	return strings.Join(words, ", ")
}

// otherFields names the header fields that differ. They do not decide, and a
// subject or an address that is another is worth a look all the same.
func (t *textReport) otherFields(all []follow.HeaderDifference) {
	var names []string
	for _, h := range all {
		name := h.Field
		if h.Path != "" {
			name = fmt.Sprintf(t.words("%s of part %s", "%s della parte %s"), h.Field, h.Path)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	t.list(t.words("other fields", "campi diversi"), names)
}

// sameID says what the identifiers tell where the contents do not. It is a hint
// and no match: the file's Message-ID is whatever somebody wrote there.
func (t *textReport) sameID(r *pec.Report, s *sentFile) {
	const label = "Message-ID"
	var stated, id string
	own := s.sent.MessageID()
	if r.Data != nil {
		stated, id = follow.FoldID(r.Data.MessageID), follow.FoldID(r.Data.ID)
	}
	switch {
	case own != "" && (own == stated || own == id):
		t.field(label, t.words("the same as in the file; that is a hint, and nothing of the content", "lo stesso del file; è un indizio, e non dice nulla del contenuto"))
	case stated == "":
		t.field(label, t.words("the message names none, so nothing ties it to the file", "il messaggio non ne indica alcuno: nulla lo lega al file"))
	case own == "":
		t.field(label, t.words("the file has none, so nothing ties the message to it", "il file non ne ha: nulla lega il messaggio al file"))
	default:
		t.field(label, t.words("another one than in the file: ", "diverso da quello del file: ")+stated)
	}
}
