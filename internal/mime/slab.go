package mime

import "strings"

// slabs are where a scan takes from what its tree is made of: a few pieces of
// memory for a whole message, where each field and part of its own would keep
// allocator and collector busy for longer than reading them. What has been taken
// belongs to the tree; a slab that is full is left to it.
type slabs struct {
	entities []Entity
	fields   []Field
	params   []param
	text     strings.Builder
}

// What a receipt needs fits into the first slab of entities and of text, and what a
// transport envelope needs into the second as well. The sizes are those that Go's
// allocator gives, less what it adds.
const (
	entitySlab, moreEntities = 7, 4
	fieldSlab                = 16
	paramSlab                = 8
	textSlab, moreText       = 1280, 768
)

func (s *slabs) newEntity() *Entity {
	if len(s.entities) == cap(s.entities) {
		size := entitySlab
		if s.entities != nil {
			size = moreEntities
		}
		s.entities = make([]Entity, 0, size)
	}
	s.entities = s.entities[:len(s.entities)+1]
	return &s.entities[len(s.entities)-1]
}

// newHeader returns room for n fields.
func (s *slabs) newHeader(n int) Header {
	if n > fieldSlab {
		return make(Header, 0, n)
	}
	used := len(s.fields)
	if cap(s.fields)-used < n {
		s.fields, used = make([]Field, 0, fieldSlab), 0
	}
	s.fields = s.fields[:used+n]
	return Header(s.fields[used : used : used+n])
}

// newString returns a copy of b.
func (s *slabs) newString(b []byte) string {
	if len(b) > moreText {
		return string(b)
	}
	if room := s.text.Cap(); room-s.text.Len() < len(b) {
		s.text.Reset()
		if room == 0 {
			s.text.Grow(textSlab)
		} else {
			s.text.Grow(moreText)
		}
	}
	used := s.text.Len()
	s.text.Write(b)
	return s.text.String()[used:]
}

// plainParams returns room for the parameters of one plain Content-Type, which
// keepParams takes.
func (s *slabs) plainParams() []param {
	if cap(s.params)-len(s.params) < maxPlainParams {
		s.params = make([]param, 0, paramSlab)
	}
	return s.params[len(s.params):]
}

// keepParams takes the room that was used, so that nothing is added behind it.
func (s *slabs) keepParams(used []param) Params {
	if len(used) == 0 {
		return nil
	}
	s.params = s.params[:len(s.params)+len(used)]
	return Params(used[:len(used):len(used)])
}
