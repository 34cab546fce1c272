package cms

import "strconv"

// header is the identifier and length of one BER element.
type header struct {
	id       byte // first identifier octet: class, constructed bit, tag number
	idSize   int  // octets of the identifier
	size     int  // octets of identifier and length
	length   int  // octets of the contents; -1 if the length is indefinite
	shortest bool // the length has its one DER form
}

func (h header) constructed() bool { return h.id&0x20 != 0 }

// universal returns the universal tag number, or -1.
func (h header) universal() int {
	if h.id&0xc0 != 0 || h.id&0x1f == 0x1f {
		return -1
	}
	return int(h.id & 0x1f)
}

// constructedString reports a string type in BER's constructed form, which
// DER does not have.
func (h header) constructedString() bool {
	const sequence, set = 0x30, 0x31 // most of what is constructed
	if !h.constructed() || h.id == sequence || h.id == set {
		return false
	}
	switch h.universal() {
	case 3, 4, 7, 12, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 30:
		return true
	}
	return false
}

// maxTagOctets bounds the octets that follow the first of an identifier: 28
// bits of tag number, what encoding/asn1 reads too.
const maxTagOctets = 4

// readHeader reads the header at the start of b, which ends where the
// enclosing element ends. The second value is the code of a Problem, or "".
//
// spec: X.690 §8.1.2, §8.1.3
func readHeader(b []byte) (h header, code string) {
	if len(b) < 2 {
		return h, CodeTruncated
	}
	if b[0]&0x1f != 0x1f && b[1] < 0x80 && int(b[1]) <= len(b)-2 { // most are such
		return header{id: b[0], idSize: 1, size: 2, length: int(b[1]), shortest: true}, ""
	}
	h.id, h.idSize = b[0], 1
	if b[0]&0x1f == 0x1f {
		n, code := readTagNumber(b[1:])
		if code != "" {
			return h, code
		}
		h.idSize += n
	}
	h.size = h.idSize + 1
	if len(b) < h.size {
		return h, CodeTruncated
	}
	switch first := b[h.idSize]; {
	case first < 0x80:
		h.length, h.shortest = int(first), true
	case first == 0x80:
		if !h.constructed() {
			return h, CodeBERLength
		}
		h.length = -1
		return h, ""
	case first == 0xff:
		return h, CodeBERLength
	default:
		octets := b[h.size:]
		if len(octets) < int(first&0x7f) {
			return h, CodeTruncated
		}
		octets = octets[:first&0x7f]
		for _, o := range octets {
			h.length = h.length<<8 | int(o)
			if h.length > len(b) {
				return h, CodeTruncated
			}
		}
		h.size += len(octets)
		h.shortest = octets[0] != 0 && h.length >= 0x80
	}
	if h.length > len(b)-h.size {
		return h, CodeTruncated
	}
	return h, ""
}

// readTagNumber measures a tag number of 31 or more. The forms refused here
// are not BER either.
func readTagNumber(b []byte) (size int, code string) {
	for i, o := range b {
		switch {
		case i == maxTagOctets, i == 0 && o == 0x80, i == 0 && o < 0x1f:
			return 0, CodeBERTag
		case o < 0x80:
			return i + 1, ""
		}
	}
	return 0, CodeTruncated
}

// scan walks the whole input once without interpreting a value: at most
// max bytes and MaxDepth levels, one element and nothing after it. It
// reports whether lengths and strings already have their DER form.
//
// It keeps one entry per open level and looks at every byte at most once, so
// that no nesting and no missing end marker costs more than its size.
func scan(b []byte, max int) (der bool, _ *Problem) {
	if len(b) > max {
		return false, newProblem(CodeTooLarge, max, strconv.Itoa(len(b)), strconv.Itoa(max))
	}
	type level struct {
		end        int // where the contents end at the latest
		indefinite bool
	}
	var levels [MaxDepth]level
	depth, pos := 0, 0
	der = true
	for started := false; depth > 0 || !started; started = true {
		end := len(b)
		if depth > 0 {
			l := levels[depth-1]
			end = l.end
			switch {
			case !l.indefinite && pos == end:
				depth--
				continue
			case l.indefinite && end-pos >= 2 && b[pos] == 0 && b[pos+1] == 0:
				pos += 2
				depth--
				continue
			}
		}
		if depth > 0 && depth < MaxDepth { // what is on the level below the last is too deep
			if next := skipPlain(b, pos, end); next > pos {
				pos = next
				continue
			}
		}
		h, code := readHeader(b[pos:end])
		switch {
		case code != "":
			return false, newProblem(code, pos)
		case h.universal() == 0:
			return false, newProblem(CodeBEREnd, pos)
		case depth == MaxDepth:
			return false, newProblem(CodeTooDeep, pos, strconv.Itoa(MaxDepth))
		}
		der = der && h.shortest && !h.constructedString()
		pos += h.size
		switch {
		case !h.constructed():
			pos += h.length
		case h.length < 0:
			levels[depth] = level{end, true}
			depth++
		default:
			levels[depth] = level{pos + h.length, false}
			depth++
		}
	}
	if pos < len(b) {
		return false, newProblem(CodeTrailing, pos, strconv.Itoa(len(b)-pos))
	}
	return der, nil
}

// skipPlain passes over elements that have nothing in them to be looked at and
// their one DER form: primitive, a tag number below 31 that is no end marker,
// a length in one octet. It stops at the first other one.
func skipPlain(b []byte, pos, end int) int {
	for pos+2 <= end {
		id, length := b[pos], b[pos+1]
		if id == 0 || id&0x20 != 0 || id&0x1f == 0x1f || length >= 0x80 || pos+2+int(length) > end {
			break
		}
		pos += 2 + int(length)
	}
	return pos
}

// nextElement takes the next element off DER that scan has passed. It exists
// because cryptobyte does not read tag numbers above 30, which may stand
// where anything may stand.
func nextElement(s *[]byte) (h header, element []byte, ok bool) {
	h, code := readHeader(*s)
	if code != "" || h.length < 0 {
		return h, nil, false
	}
	n := h.size + h.length
	element, *s = (*s)[:n], (*s)[n:]
	return h, element, true
}
