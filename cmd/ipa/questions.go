package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/ipa"
)

// search finds bodies and offices by name.
func (p *program) search(s *ipa.Snapshot) int {
	a := s.Search(strings.Join(p.c.args, " "), &ipa.SearchOptions{Limit: p.c.limit, Kinds: p.c.kinds})
	if p.c.json {
		p.json(struct {
			Schema  string `json:"schema"`
			Command string `json:"command"`
			ipa.SearchAnswer
		}{schema, "search", a})
	} else {
		for _, e := range a.Hits {
			p.out.line("%-18s %s", show(code(e)), named(e))
			if m := e.Addresses(); len(m) > 0 {
				p.out.line("%18s %s%s", "", show(m[0].Text), p.typeOf(m[0]))
			}
		}
		p.out.line(p.say("%d of %d, IPA snapshot of %s", "%d di %d, copia IPA del %s"), len(a.Hits), a.Total, a.Snapshot.Format(time.DateOnly))
	}
	if a.Total == 0 {
		return exitNotFound
	}
	return exitFound
}

// code is by what an entity can be asked for.
func code(e ipa.Entity) string {
	if c := e.Code(); c != "" {
		return c
	}
	return "-"
}

// named shows an entity, with its body if it is a unit of one.
func named(e ipa.Entity) string {
	name := show(e.Name())
	if name == "" { // known from rows of other datasets only
		name = "[" + show(code(e)) + "]"
	}
	if e.Kind() != ipa.KindBody {
		return name + ", " + named(e.Body())
	}
	if p := e.Province(); p != "" {
		name += " (" + show(p) + ")"
	}
	return name
}

func (p *program) typeOf(a ipa.Address) string {
	switch a.Type {
	case ipa.TypePEC:
		return "  PEC"
	case ipa.TypeSERCQ:
		return "  SERCQ"
	case ipa.TypeCECPAC:
		return "  CECPAC"
	case ipa.TypeOther:
		return p.say("  not PEC", "  non PEC")
	}
	return ""
}

// shown is the answer of show in JSON.
type shown struct {
	Schema   string       `json:"schema"`
	Command  string       `json:"command"`
	Asked    string       `json:"asked"`
	Snapshot time.Time    `json:"snapshot"`
	Entity   *ipa.Entity  `json:"entity"`
	Units    []ipa.Entity `json:"units"`
}

// show shows entities by code.
func (p *program) show(s *ipa.Snapshot) int {
	status := exitFound
	for _, asked := range p.c.args {
		found := s.Body(asked)
		if len(found.Entities) == 0 {
			found = s.Unit(asked)
		}
		if len(found.Entities) == 0 {
			found = s.FiscalCode(asked)
		}
		answer := shown{Schema: schema, Command: "show", Asked: asked, Snapshot: s.Date(), Units: []ipa.Entity{}}
		if len(found.Entities) == 0 {
			status = exitNotFound
			if p.c.json {
				p.json(answer)
			} else {
				p.notInSnapshot(asked, s)
			}
			continue
		}
		for _, e := range found.Entities {
			if !p.c.json {
				p.entity(e)
				continue
			}
			answer.Entity, answer.Units = &e, []ipa.Entity{}
			for unit := range e.Units() {
				answer.Units = append(answer.Units, unit)
			}
			p.json(answer)
		}
	}
	return status
}

func (p *program) notInSnapshot(asked string, s *ipa.Snapshot) {
	p.out.line(p.say("not in the IPA snapshot of %s: %s", "non è nella copia IPA del %s: %s"), s.Date().Format(time.DateOnly), show(asked))
}

// entity shows one entity and, of a body, the tree of its units.
func (p *program) entity(e ipa.Entity) {
	r := e.Record()
	p.out.line("%s", named(e))
	field := func(en, it, v string) {
		if v != "" {
			p.out.line("  %-16s %s", p.say(en, it), show(v))
		}
	}
	field("code", "codice", r.Code)
	field("fiscal code", "codice fiscale", r.FiscalCode)
	field("invoices to", "fatture per", r.InvoiceCode)
	field("category", "categoria", strings.TrimSpace(r.Category+" "+r.CategoryName))
	field("office above", "ufficio superiore", e.Parent().Name())
	field("area", "AOO", e.Area().Name())
	field("address", "indirizzo", strings.Join(nonEmpty(r.Street, r.PostalCode, r.Municipality, r.Province), " "))
	field("phone", "telefono", r.Phone)
	field("site", "sito", r.Website)
	if o := r.Officer; o != nil {
		field("in charge", "responsabile", strings.Join(nonEmpty(o.Title, o.FirstName, o.LastName), " "))
	}
	if r.InLiquidation {
		p.out.line("  %s", p.say("in liquidation", "in liquidazione"))
	}
	for _, m := range r.Addresses {
		p.out.line("  %s%s", show(m.Text), p.typeOf(m))
	}
	for unit := range e.Units() {
		indent := strings.Repeat("  ", min(unit.Depth(), 10)+1)
		kind := ""
		if unit.Kind() == ipa.KindArea {
			kind = "AOO "
		}
		p.out.line("%s%s%s [%s]", indent, kind, show(unit.Name()), show(code(unit)))
		for _, m := range unit.Addresses() {
			p.out.line("%s  %s%s", indent, show(m.Text), p.typeOf(m))
		}
	}
	p.out.line(p.say("IPA snapshot of %s", "copia IPA del %s"), e.Snapshot().Date().Format(time.DateOnly))
}

func nonEmpty(values ...string) []string {
	var out []string
	for _, v := range values {
		if v != "" {
			out = append(out, v)
		}
	}
	return out
}

// whose says whether addresses are PEC and whose.
func (p *program) whose(ctx context.Context, s *ipa.Snapshot) int {
	status := exitFound
	ask := func(address string) {
		if !p.address(s, address) {
			status = exitNotFound
		}
	}
	for _, arg := range p.c.args {
		if arg != "-" {
			ask(arg)
			continue
		}
		lines := bufio.NewScanner(p.stdin)
		for lines.Scan() && ctx.Err() == nil && p.out.err == nil {
			if address := strings.TrimSpace(lines.Text()); address != "" {
				ask(address)
			}
		}
		if err := lines.Err(); err != nil {
			p.diag.errorf(p.say("standard input: %v", "standard input: %v"), err)
			return exitNoAnswer
		}
	}
	if ctx.Err() != nil {
		return exitNoAnswer
	}
	return status
}

// address answers for one, and reports whether it is in the snapshot.
func (p *program) address(s *ipa.Snapshot, address string) bool {
	a := s.Address(address)
	if p.c.json {
		p.json(struct {
			Schema  string `json:"schema"`
			Command string `json:"command"`
			ipa.AddressAnswer
		}{schema, "whose", a})
		return len(a.Owners) > 0
	}
	if len(a.Owners) == 0 {
		p.notInSnapshot(address, s)
		p.sameDomain(s, address)
		return false
	}
	what := p.say("listed, not as PEC", "elencato, ma non come PEC")
	if a.Listed == ipa.ListedPEC {
		what = "PEC"
	}
	p.out.line("%s: %s", show(address), what)
	for _, o := range a.Owners {
		label := ""
		if o.Address.Label != "" {
			label = ", " + show(o.Address.Label)
		}
		p.out.line("  %-16s %s%s%s", show(code(o.Entity)), named(o.Entity), label, p.typeOf(o.Address))
	}
	p.out.line(p.say("IPA snapshot of %s", "copia IPA del %s"), a.Snapshot.Format(time.DateOnly))
	return true
}

// sameDomain names the bodies of a domain that only few share: an address that
// is not listed may still be theirs, or be made to look so.
func (p *program) sameDomain(s *ipa.Snapshot, address string) {
	folded := ipa.FoldAddress(address)
	bodies := s.Domain(folded[strings.LastIndexByte(folded, '@')+1:]).Entities
	if len(bodies) == 0 || len(bodies) > 3 {
		return
	}
	for _, b := range bodies {
		p.out.line(p.say("  other addresses of this domain are listed by %s", "  altri indirizzi di questo dominio sono di %s"), named(b))
	}
}

// json writes one object on a line of its own.
func (p *program) json(v any) {
	raw, err := json.Marshal(v)
	if err != nil { // our own types
		panic(fmt.Sprintf("ipa: %v", err))
	}
	p.out.print(string(printable.JSON(raw)) + "\n")
}
