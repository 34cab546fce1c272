package dossier

import (
	"slices"

	"github.com/gopec/gopec/follow"
)

// candidate is a message of the tracker, seen beside the sent file.
type candidate struct {
	*follow.Message
	by        NamedBy // "" if nothing ties it to the file
	elsewhere bool    // a certified Message-ID says that it is another message
	same      bool    // something that it encloses is the same
	differs   bool    // something that it encloses is not
	ours      bool    // the sender is that of the file
}

// choice says which messages the sent file is, and which it is not although
// something speaks for them.
type choice struct {
	chosen []*candidate
	// named are others with the file's Message-ID, like with the same content.
	named, like []*candidate
}

// choose finds the message that the file is: by its Message-ID first, since the
// same text can be sent twice; then by what is enclosed, since the same
// Message-ID can be, too. What cannot be told apart is all chosen, and then the
// dossier is of several messages and not complete.
func (b *Builder) choose() choice {
	all := b.candidates()
	list := slices.Clone(all)
	if slices.ContainsFunc(list, func(c *candidate) bool { return c.ours }) {
		// Whoever received a mail can send it again under its Message-ID.
		list = slices.DeleteFunc(list, func(c *candidate) bool { return !c.ours })
	}
	named := slices.DeleteFunc(slices.Clone(list), func(c *candidate) bool { return c.elsewhere })
	if len(named) > 0 {
		list = named
	}
	list = narrow(list)
	var out choice
	out.chosen = list
	for _, c := range all {
		switch {
		case slices.Contains(list, c):
		case c.by != "" && c.by != ByContent:
			out.named = append(out.named, c)
		default:
			out.like = append(out.like, c)
		}
	}
	return out
}

// narrow leaves the one message whose content is that of the file, if all others
// are known to have been something else: to enclose another text, or to have been
// sent to nobody.
func narrow(list []*candidate) []*candidate {
	var same []*candidate
	for _, c := range list {
		switch {
		case c.same:
			same = append(same, c)
		case !c.differs && !c.refused():
			return list
		}
	}
	if len(same) == 1 {
		return same
	}
	return list
}

// refused reports whether all that is known of a message is that it was refused.
func (c *candidate) refused() bool { return !c.NotAccepted.IsZero() && len(c.Contradictions) == 0 }

// candidates are the messages that something ties to the file, by identificativo.
func (b *Builder) candidates() []*candidate {
	same, differs := make(map[string]bool), make(map[string]bool)
	for _, e := range b.entries {
		for i := range e.statements {
			if s := &e.statements[i]; s.fact != nil {
				same[s.fact.ID] = same[s.fact.ID] || s.Comparison.matches()
				differs[s.fact.ID] = differs[s.fact.ID] || s.Comparison.differs()
			}
		}
	}
	var list []*candidate
	for m := range b.tracker.Messages() {
		c := &candidate{Message: m, same: same[m.ID], differs: differs[m.ID], ours: b.from[foldAddress(m.Sender)]}
		if b.tie(c); c.by != "" {
			list = append(list, c)
		}
	}
	return list
}

// tie says what ties a message to the file.
func (b *Builder) tie(c *candidate) {
	id := b.sent.MessageID
	switch {
	case id != "" && slices.Contains(c.MessageIDs, id):
		c.by = ByMessageID
	case id != "" && c.ID == id:
		c.by = ByIdentification
	case id != "" && len(c.MessageIDs) == 0 && slices.Contains(b.names[c.ID], id):
		c.by = ByReference
	case c.same:
		c.by = ByContent
		c.elsewhere = id != "" && len(c.MessageIDs) > 0
	}
}
