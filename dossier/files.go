package dossier

import "slices"

// files reports every entry, in order.
func (b *Builder) files(c choice) []FileReport {
	chosen, ids := make(map[string]bool), make(map[string]bool)
	if id := b.sent.MessageID; id != "" {
		ids[id] = true
	}
	for _, m := range c.chosen {
		chosen[m.ID], ids[m.ID] = true, true
	}
	first := make(map[string]int)
	out := make([]FileReport, 0, len(b.entries))
	for i, e := range b.entries {
		f := FileReport{Number: i + 1, File: e.file, Failure: e.failure}
		if sum := e.file.SHA256; sum != "" {
			f.IsSent = sum == b.sent.SHA256
			if f.SameAs = first[sum]; f.SameAs == 0 {
				first[sum] = f.Number
			}
		}
		for _, s := range e.statements {
			v := s.Verdict
			v.Use = s.use
			switch {
			case s.fact != nil && chosen[s.fact.ID]:
				v.Use = UseAbout
			case s.fact == nil:
				v.Refers = slices.ContainsFunc(s.refers, func(id string) bool { return ids[id] })
			}
			f.Verdicts = append(f.Verdicts, v)
		}
		out = append(out, f)
	}
	return out
}
