package daticert

import (
	"errors"

	"github.com/beevik/etree"
)

// errDisagree is what should never be seen: no document is known for which it
// happens. Trusting either reading would be a guess.
var errDisagree = errors.New("two readings of the document differ")

// readTree has etree read a document that the scanner has accepted: one with
// comments, CDATA sections, processing instructions, a DOCTYPE, or characters
// that had to be replaced. starts are where the scanner saw its elements begin
// in text; if etree sees others, no data comes out of it.
func readTree(readable, text []byte, starts []int) (*tree, error) {
	doc := etree.NewDocument()
	doc.ReadSettings = etree.ReadSettings{MaxDepth: maxDepth, PreserveDuplicateAttrs: true}
	if err := doc.ReadFromBytes(readable); err != nil {
		return nil, err
	}
	c := converter{text: text, starts: starts, tree: new(tree)}
	c.element(doc.Root(), nil)
	if c.differ || c.next != len(starts) {
		return nil, errDisagree
	}
	return c.tree, nil
}

// converter makes a tree of ours from one of etree.
type converter struct {
	text   []byte
	starts []int
	next   int  // how many of them were met
	differ bool // an element was not where the scanner saw it
	tree   *tree
}

func (c *converter) element(e *etree.Element, parent *place) {
	n := node{name: e.FullTag(), at: c.where(e.FullTag())}
	for i := range e.Attr {
		n.attributes = append(n.attributes, attribute{e.Attr[i].FullKey(), e.Attr[i].Value})
	}
	here := place{node: c.tree.add(n, parent)}
	for _, t := range e.Child {
		switch t := t.(type) {
		case *etree.CharData:
			c.tree.add(node{text: t.Data}, &here)
		case *etree.Element:
			c.element(t, &here)
		}
	}
}

// where returns where the next element begins, which has this name.
func (c *converter) where(name string) int {
	if c.next == len(c.starts) {
		c.differ = true
		return 0
	}
	at := c.starts[c.next]
	c.next++
	// The scanner found a name here, so something follows it.
	text := c.text[at+len("<"):]
	if len(text) <= len(name) || string(text[:len(name)]) != name || isNameByte(text[len(name)]) {
		c.differ = true
	}
	return at
}
