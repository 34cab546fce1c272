package cms

// toDER brings BER that scan has passed to DER lengths and DER strings:
// definite lengths in their shortest form, constructed strings joined. It does
// not sort sets and does not touch values.
//
// The output is at most 5*MaxDepth bytes longer than the input. Contents are
// moved at most once per level, when a length turns out to need more than one
// octet.
//
// spec: X.690 §10.1, §10.2
func toDER(b []byte) ([]byte, *Problem) {
	c := converter{in: b, out: make([]byte, 0, len(b)+5*MaxDepth)}
	c.element(0, len(b))
	if c.code != "" {
		return nil, newProblem(c.code, c.at)
	}
	return c.out[:len(c.out):len(c.out)], nil
}

// ToDER returns one element with DER lengths and strings: b itself if it has
// them already. It is for what stands around a SignedData and is larger: max
// is the limit in bytes; the other limits, and the Problem, are those of Parse.
func ToDER(b []byte, max int) ([]byte, *Problem) {
	der, problem := scan(b, max)
	if problem != nil || der {
		return b, problem
	}
	return toDER(b)
}

type converter struct {
	in, out []byte
	code    string // of the first problem
	at      int
}

func (c *converter) fail(code string, at int) {
	if c.code == "" {
		c.code, c.at = code, at
	}
}

// element converts the element at pos and returns the position after it. Its
// recursion is bounded because scan has counted the levels.
func (c *converter) element(pos, end int) int {
	h, code := readHeader(c.in[pos:end])
	if code != "" {
		c.fail(code, pos)
		return end
	}
	contents := pos + h.size
	if h.constructedString() {
		return c.joined(h, contents, end)
	}
	c.out = append(c.out, c.in[pos:pos+h.idSize]...)
	start := c.open()
	next := contents + h.length
	if h.constructed() {
		next = c.each(h, contents, end, c.element)
	} else {
		c.out = append(c.out, c.in[contents:next]...)
	}
	c.close(start)
	return next
}

// each calls do for every element of the contents at pos and returns the
// position after them.
func (c *converter) each(h header, pos, end int, do func(pos, end int) int) int {
	if h.length >= 0 {
		end = pos + h.length
	}
	for c.code == "" {
		switch {
		case h.length >= 0 && pos == end:
			return pos
		case h.length < 0 && end-pos >= 2 && c.in[pos] == 0 && c.in[pos+1] == 0:
			return pos + 2
		}
		pos = do(pos, end)
	}
	return end
}

// joined writes a constructed string as one primitive string. The segments of
// a BIT STRING are BIT STRINGs, those of every other string type are OCTET
// STRINGs.
//
// spec: X.690 §8.6.4, §8.7.3, §8.23.6
func (c *converter) joined(h header, pos, end int) int {
	const bitString, octetString = 3, 4
	c.out = append(c.out, h.id&^0x20)
	start := c.open()
	bits := h.universal() == bitString
	if bits {
		c.out = append(c.out, 0) // unused bits, known after the last segment
	}
	var segment func(pos, end int) int
	segment = func(pos, end int) int {
		sh, code := readHeader(c.in[pos:end])
		contents := pos + sh.size
		switch {
		case code != "":
			c.fail(code, pos)
			return end
		case bits && sh.universal() != bitString, !bits && sh.universal() != octetString:
			c.fail(CodeBERString, pos)
			return end
		case sh.constructed():
			return c.each(sh, contents, end, segment)
		case !bits:
			c.out = append(c.out, c.in[contents:contents+sh.length]...)
		case sh.length == 0 || c.in[contents] > 7 || c.out[start] != 0: // only the last may have unused bits
			c.fail(CodeBERString, pos)
			return end
		default:
			c.out[start] = c.in[contents]
			c.out = append(c.out, c.in[contents+1:contents+sh.length]...)
		}
		return contents + sh.length
	}
	next := c.each(h, pos, end, segment)
	c.close(start)
	return next
}

// open leaves room for a length of one octet and returns where the contents
// start.
func (c *converter) open() int {
	c.out = append(c.out, 0)
	return len(c.out)
}

// close writes the length of the contents that start at start, and moves them
// if it needs more octets.
func (c *converter) close(start int) {
	n := len(c.out) - start
	if n < 0x80 {
		c.out[start-1] = byte(n)
		return
	}
	size := 0
	for v := n; v > 0; v >>= 8 {
		size++
	}
	c.out = append(c.out, make([]byte, size)...)
	copy(c.out[start+size:], c.out[start:start+n])
	c.out[start-1] = 0x80 | byte(size)
	for i := range size {
		c.out[start+i] = byte(n >> (8 * (size - 1 - i)))
	}
}
