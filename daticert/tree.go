package daticert

import (
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// tree is the elements and the text of one document, in its order. The first
// node is the root element.
//
// What a provider writes has elements, attributes and text in it and nothing
// else, and of that the scanner makes the tree while it goes through. Of any
// other document [readTree] makes it.
type tree struct {
	nodes      []node
	attributes []attribute
}

// node is an element, or a run of text inside one.
type node struct {
	name        string // of an element as it is written; "" for text
	text        string // of a run of text, decoded
	at          int    // where an element begins in the text of the document
	attributes  []attribute
	first, next int // the first node inside, and the next one beside it; 0 for none
}

// attribute is one attribute: its name as it is written, its value decoded.
type attribute struct{ name, value string }

// inside yields the nodes inside n, in order.
func (t *tree) inside(n *node) func(yield func(*node) bool) {
	return func(yield func(*node) bool) {
		for i := n.first; i != 0; i = t.nodes[i].next {
			if !yield(&t.nodes[i]) {
				return
			}
		}
	}
}

// attribute returns the value of an attribute.
func (n *node) attribute(name string) (string, bool) {
	for i := range n.attributes {
		if n.attributes[i].name == name {
			return trimSpace(n.attributes[i].value), true
		}
	}
	return "", false
}

// place is an open element while a tree is made.
type place struct{ node, last int }

// add puts a node behind the last one inside parent.
func (t *tree) add(n node, parent *place) int {
	i := len(t.nodes)
	t.nodes = append(t.nodes, n)
	switch {
	case parent == nil:
	case parent.last == 0:
		t.nodes[parent.node].first, parent.last = i, i
	default:
		t.nodes[parent.last].next, parent.last = i, i
	}
	return i
}

// trees go round: a mailbox would otherwise make one for each message.
var trees = sync.Pool{New: func() any { return new(tree) }}

// maxPooled is the size of the trees that go round, in nodes; a provider's
// document has 40.
const maxPooled = 1000

func (t *tree) free() {
	if cap(t.nodes) > maxPooled || cap(t.attributes) > maxPooled {
		return
	}
	clear(t.nodes)
	clear(t.attributes)
	t.nodes, t.attributes = t.nodes[:0], t.attributes[:0]
	trees.Put(t)
}

// decode returns the characters that text or an attribute's value stands for.
// The scanner has accepted it, so every "&" begins a reference.
//
// spec: XML 1.0 §2.11, §4.1, §4.6
func decode(s string) string {
	if strings.IndexByte(s, '&') < 0 && strings.IndexByte(s, '\r') < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\r':
			out.WriteByte('\n')
			if i+1 < len(s) && s[i+1] == '\n' {
				i++
			}
		case '&':
			end := i + strings.IndexByte(s[i:], ';')
			out.WriteRune(referenced(s[i+1 : end]))
			i = end
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// referenced returns the character that "&name;" stands for.
func referenced(name string) rune {
	switch name {
	case "amp":
		return '&'
	case "lt":
		return '<'
	case "gt":
		return '>'
	case "quot":
		return '"'
	case "apos":
		return '\''
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil {
		return utf8.RuneError // the scanner has let no such number through
	}
	return rune(n)
}
