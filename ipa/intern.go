package ipa

import (
	"encoding/binary"
	"math"
)

// interner collects the strings of a snapshot, each once. A reference is the
// place of the string in the block, where its length stands before it; 0 is
// the empty string.
type interner struct {
	block []byte
	refs  map[string]uint32
	full  bool // the block passed what a reference can express
}

func newInterner() interner {
	return interner{block: []byte{0}, refs: map[string]uint32{"": 0}}
}

func (n *interner) ref(s string) uint32 {
	if r, ok := n.refs[s]; ok {
		return r
	}
	if len(n.block)+len(s)+binary.MaxVarintLen32 > math.MaxInt32 {
		n.full = true
		return 0
	}
	r := uint32(len(n.block))
	n.block = binary.AppendUvarint(n.block, uint64(len(s)))
	n.block = append(n.block, s...)
	// The key must not keep the row alive that s is a part of.
	n.refs[string(n.block[len(n.block)-len(s):])] = r
	return r
}

func (n *interner) text(ref uint32) string { return stringAt(n.block, ref) }

// stringAt reads the string at a reference; "" if there is none.
func stringAt[T string | []byte](block T, ref uint32) string {
	i, length, shift := uint64(ref), uint64(0), 0
	for {
		if i >= uint64(len(block)) || shift > 28 {
			return ""
		}
		c := block[i]
		i++
		length |= uint64(c&0x7f) << shift
		if c < 0x80 {
			break
		}
		shift += 7
	}
	if i+length > uint64(len(block)) {
		return ""
	}
	return string(block[i : i+length])
}
