package mime

import (
	"encoding/base64"
	"io"
	"strings"
)

// Content returns the content of a leaf as [Entity.Open] gives it, at most
// limit+1 bytes: one more than the limit says that there is more. What was read
// before an error is returned with it.
func (e *Entity) Content(f Form, limit int64) ([]byte, error) {
	leaf := len(e.Parts) == 0 && !strings.HasPrefix(e.MediaType, "multipart/")
	if leaf && e.Encoding == "base64" && e.Body.Length <= blockSize {
		if b, ok, err := e.plainBase64(); ok || err != nil {
			return b[:min(int64(len(b)), limit+1)], err
		}
	}
	if f == (Form{}) && (!leaf || identity(e.Encoding)) {
		b := make([]byte, min(e.Body.Length, limit+1))
		n, err := io.ReadFull(e.Reader(e.Body, f), b)
		if err == io.EOF {
			err = nil // of no bytes
		}
		return b[:n], err
	}
	return readBounded(e.Open(f), limit, e.Body.Length)
}

// plainBase64 decodes a body that has nothing but base64, its padding and line
// ends in it, which is what nearly all have: the strict decoder takes it as it
// stands, whatever the line ends are. ok is false for any other, which has to
// be read by [Entity.Open].
func (e *Entity) plainBase64() (content []byte, ok bool, err error) {
	if e.Body.Length == 0 {
		return []byte{}, true, nil
	}
	buf := newBuffer(int(e.Body.Length))
	defer buf.free()
	raw := buf.b[:e.Body.Length]
	if err := e.src.readAt(raw, e.Body.Offset); err != nil {
		return nil, false, err
	}
	content = make([]byte, base64.StdEncoding.DecodedLen(len(raw)))
	n, err := base64.StdEncoding.Decode(content, raw)
	return content[:n], err == nil, nil
}
