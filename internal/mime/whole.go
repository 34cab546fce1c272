package mime

import "io"

// Reader returns all bytes of the source as they stand, the file as it was given.
// After the scan what it returns are the bytes that were scanned, or [ErrChanged].
func (s *Source) Reader() io.Reader { return &sectionReader{src: s, end: s.size} }
