package ipa

import (
	"fmt"
	"strings"
)

// draft is an entity while a snapshot is being built.
type draft struct {
	record    [fieldCount]uint32 // only kind and the string fields
	body      int
	parent    link
	area      link
	addresses []draftAddress
	officer   *[4]uint32 // title, first name, last name, phone
}

// link names another unit by the codes in the row, resolved once all files are
// read.
type link struct {
	code, local string
	file        string
	line        int
}

type draftAddress struct {
	text, folded, label, published uint32
	kind                           AddressType
	role                           Role
	place                          int // among the columns of mailboxes; those of other roles come after
}

// unitIndex finds areas or offices by their code, or by the code that is
// unique within the body only.
type unitIndex struct {
	byCode  map[string]int
	byLocal map[[2]string]int // folded code of the body, local code
}

func newUnitIndex() unitIndex {
	return unitIndex{make(map[string]int), make(map[[2]string]int)}
}

func (u *unitIndex) find(bodyCode, code, local string) (int, bool) {
	if code != "" {
		if i, ok := u.byCode[foldCode(code)]; ok {
			return i, true
		}
	}
	if local != "" {
		if i, ok := u.byLocal[[2]string{bodyCode, foldCode(local)}]; ok {
			return i, true
		}
	}
	return 0, false
}

func (u *unitIndex) note(i int, bodyCode, code, local string) {
	if code != "" {
		if _, ok := u.byCode[foldCode(code)]; !ok {
			u.byCode[foldCode(code)] = i
		}
	}
	if local != "" {
		key := [2]string{bodyCode, foldCode(local)}
		if _, ok := u.byLocal[key]; !ok {
			u.byLocal[key] = i
		}
	}
}

// row adds one row to the drafts.
func (b *Builder) row(t *table, c *[targetCount]string, file string) error {
	line := t.rows.line()
	if t.spec.shape == shapeCategory {
		if code := c[fieldCategory]; code != "" {
			b.manifest.Categories[strings.Clone(code)] = Category{strings.Clone(c[toCategoryName]), strings.Clone(c[toCategoryType])}
		}
		return nil
	}
	if c[toBodyCode] == "" {
		return &SyntaxError{Line: line, Err: ErrImplausible, Detail: "a row without the code of a body"}
	}
	if t.spec.shape == shapeNothing {
		return nil
	}
	body := b.body(c[toBodyCode], c[toBodyName])
	switch t.spec.shape {
	case shapeBody:
		b.bodyRow(body, c, file, line)
	case shapeArea:
		b.fill(b.unitRow(&b.areas, KindArea, body, c, file, line), c)
	case shapeOffice:
		i := b.unitRow(&b.offices, KindOffice, body, c, file, line)
		b.fill(i, c)
		d := &b.drafts[i]
		if d.parent == (link{}) && (c[toParentCode] != "" || c[toParentLocal] != "") {
			d.parent = link{strings.Clone(c[toParentCode]), strings.Clone(c[toParentLocal]), file, line}
		}
		if d.area == (link{}) && (c[toAreaCode] != "" || c[toAreaLocal] != "") {
			d.area = link{strings.Clone(c[toAreaCode]), strings.Clone(c[toAreaLocal]), file, line}
		}
	case shapeAddress:
		owner := body
		switch {
		case c[toOfficeLocal] != "":
			owner = b.unit(&b.offices, KindOffice, body, "", c[toOfficeLocal], true)
		case c[toAreaLocal] != "":
			owner = b.unit(&b.areas, KindArea, body, "", c[toAreaLocal], true)
		}
		b.mails(owner, c, t.spec.role)
	}
	if b.strings.full {
		return &SyntaxError{Line: line, Err: ErrTooLong, Detail: "more text than a snapshot can hold"}
	}
	return nil
}

// body returns the draft of a body, which is made if no row has named it yet.
func (b *Builder) body(code, name string) int {
	key := foldCode(code)
	i, ok := b.bodies[key]
	if !ok {
		i = b.newDraft(KindBody)
		b.drafts[i].body = i
		b.bodies[strings.Clone(key)] = i
		b.set(i, fieldCode, code)
	}
	b.set(i, fieldName, name)
	return i
}

func (b *Builder) newDraft(kind Kind) int {
	d := draft{}
	d.record[fieldKind] = uint32(kind) | flagReferenced
	b.drafts = append(b.drafts, d)
	return len(b.drafts) - 1
}

// set sets a field that no earlier row has set.
func (b *Builder) set(i int, f field, text string) {
	if text != "" && b.drafts[i].record[f] == 0 {
		b.drafts[i].record[f] = b.strings.ref(text)
	}
}

// bodyRow fills a body from its own row, whose name and code go before those
// that other datasets give it.
func (b *Builder) bodyRow(i int, c *[targetCount]string, file string, line int) {
	r := &b.drafts[i].record
	if r[fieldKind]&flagReferenced == 0 {
		b.defect(file, line, fmt.Sprintf("body %s has another row", c[toBodyCode]))
	} else {
		r[fieldCode], r[fieldName] = b.strings.ref(c[toBodyCode]), 0
		b.set(i, fieldName, c[fieldName])
	}
	r[fieldKind] &^= flagReferenced
	if v := c[toLiquidation]; v == "S" || v == "s" {
		r[fieldKind] |= flagLiquidation
	}
	b.fill(i, c)
}

// unitRow returns the draft that a row of areas or offices is about.
func (b *Builder) unitRow(index *unitIndex, kind Kind, body int, c *[targetCount]string, file string, line int) int {
	code, local := c[fieldCode], c[fieldLocalCode]
	if code == "" && local == "" {
		b.defect(file, line, "a unit without code")
	}
	i := b.unit(index, kind, body, code, local, false)
	d := &b.drafts[i]
	if d.body != body {
		b.defect(file, line, fmt.Sprintf("unit %s is also one of body %s", code, b.strings.text(b.drafts[d.body].record[fieldCode])))
	}
	d.record[fieldKind] &^= flagReferenced
	return i
}

// unit finds or makes an area or office.
func (b *Builder) unit(index *unitIndex, kind Kind, body int, code, local string, referenced bool) int {
	bodyCode := foldCode(b.strings.text(b.drafts[body].record[fieldCode]))
	i, ok := index.find(bodyCode, code, local)
	if ok && code != "" {
		// Found by a local code that two units share: the code decides.
		if have := b.strings.text(b.drafts[i].record[fieldCode]); have != "" && foldCode(have) != foldCode(code) {
			ok = false
		}
	}
	if !ok {
		i = b.newDraft(kind)
		b.drafts[i].body = body
		b.set(i, fieldCode, code)
		b.set(i, fieldLocalCode, local)
	}
	index.note(i, bodyCode, strings.Clone(code), strings.Clone(local))
	if !referenced {
		b.drafts[i].record[fieldKind] &^= flagReferenced
	}
	return i
}

// fill sets the fields of a record that are still empty, its addresses and,
// if asked for, the person in charge.
func (b *Builder) fill(i int, c *[targetCount]string) {
	for f := fieldCode; f < fieldCount; f++ {
		b.set(i, f, c[f])
	}
	b.mails(i, c, RoleMailbox)
	if !b.options.Officers {
		return
	}
	if b.drafts[i].officer == nil && (c[toFirstName] != "" || c[toLastName] != "") {
		b.drafts[i].officer = &[4]uint32{b.strings.ref(c[toTitle]), b.strings.ref(c[toFirstName]), b.strings.ref(c[toLastName]), b.strings.ref(c[toOfficerPhone])}
	}
	if mail := c[toOfficerMail]; mail != "" {
		b.address(i, mail, draftAddress{role: RoleOfficer})
	}
}

// mails adds the addresses of a row.
func (b *Builder) mails(i int, c *[targetCount]string, role Role) {
	for n := range target(mailPairs) {
		mail := c[toMail1+n]
		if mail == "" {
			continue
		}
		kind := parseAddressType(c[toMailType1+n])
		if kind == TypeUnknown && role == RoleRegister && c[toMailType1+n] == "" {
			kind = TypePEC // the list holds nothing else
		}
		b.address(i, mail, draftAddress{kind: kind, role: role, place: int(n), label: b.strings.ref(c[toLabel]), published: b.strings.ref(c[toPublished])})
	}
}

// addressKey tells the addresses of a draft apart. A mailbox and an entry of
// the register with the same address are one; services are told apart by name.
type addressKey struct {
	draft         int
	folded, label uint32
	role          Role
}

// address adds an address to a draft. What the register says of one that the
// body lists as a mailbox completes it instead of standing beside it.
func (b *Builder) address(i int, mail string, a draftAddress) {
	a.text, a.folded = b.strings.ref(mail), b.strings.ref(FoldAddress(mail))
	a.place += mailPairs * int(a.role)
	key := addressKey{draft: i, folded: a.folded, role: a.role}
	switch a.role {
	case RoleRegister:
		key.role = RoleMailbox
	case RoleService:
		key.label = a.label
	}
	d := &b.drafts[i]
	n, ok := b.addresses[key]
	if !ok {
		b.addresses[key] = len(d.addresses)
		d.addresses = append(d.addresses, a)
		return
	}
	have := &d.addresses[n]
	if a.role < have.role {
		have.role, have.text = a.role, a.text
	}
	have.place = min(have.place, a.place)
	if have.kind == TypeUnknown || have.kind == TypeOther && a.kind == TypePEC {
		have.kind = a.kind
	}
	if have.label == 0 {
		have.label = a.label
	}
	if have.published == 0 {
		have.published = a.published
	}
}
