package mailbox

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"iter"
)

// section is a range of bytes.
type section struct{ offset, length int64 }

func (s section) end() int64 { return s.offset + s.length }

// mboxMessage is where one message of an mbox stands. The three sections
// follow each other, and the messages of a file too, without a gap.
type mboxMessage struct {
	from section // the "From " line
	body section // the message
	tail section // the empty line that the writer of the mbox put after it
}

var bom = []byte("\ufeff")

// fromLine reports whether a file starts with the line that starts a message.
func fromLine(head []byte) bool {
	return bytes.HasPrefix(bytes.TrimPrefix(head, bom), []byte("From "))
}

// until ends a message at the start of the next one, or at the end of the
// file. blank is the offset of the empty line before that, or negative.
func (m mboxMessage) until(end, blank int64) mboxMessage {
	last := end
	if blank >= 0 {
		last = blank
	}
	m.body = section{m.from.end(), last - m.from.end()}
	m.tail = section{last, end - last}
	return m
}

// split finds the messages of an mbox. A message starts after a line that
// starts with "From " and is the first of the file or follows an empty line;
// the empty line is not part of the message before it, nor is one at the end
// of the file. Quoting (">From ") is left as it is: it can have been signed.
//
// One pass, one fixed buffer. An error ends the sequence.
func split(ctx context.Context, r io.ReaderAt, size int64) iter.Seq2[mboxMessage, error] {
	return func(yield func(mboxMessage, error) bool) {
		lines := lineReader{in: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 64<<10), size: size}
		var msg mboxMessage
		begun := false
		blank := int64(-1) // offset of the line before, if it is empty
		for {
			line, start, err := lines.next(ctx)
			if err != nil {
				yield(mboxMessage{}, err)
				return
			}
			if line.length == 0 {
				break
			}
			if line.offset == 0 && fromLine(start) || blank >= 0 && bytes.HasPrefix(start, []byte("From ")) {
				if begun && !yield(msg.until(line.offset, blank), nil) {
					return
				}
				msg, begun = mboxMessage{from: line}, true
			}
			begun = true // a file that does not start as an mbox starts with a message all the same
			blank = -1
			if string(start) == "\n" || string(start) == "\r\n" {
				blank = line.offset
			}
		}
		if begun {
			yield(msg.until(size, blank), nil)
		}
	}
}

// lineReader finds lines of any length without holding them.
type lineReader struct {
	in   *bufio.Reader
	pos  int64
	size int64
	n    int
	head [16]byte // more than any line that matters has
}

// next returns where the next line stands, with its line end, and its first
// bytes, valid until the next call. At the end of the file the length is 0.
func (l *lineReader) next(ctx context.Context) (line section, start []byte, err error) {
	line.offset = l.pos
	for {
		if l.n++; l.n%1024 == 0 && ctx.Err() != nil {
			return line, nil, canceled(ctx)
		}
		part, err := l.in.ReadSlice('\n')
		if l.pos == line.offset {
			start = l.head[:copy(l.head[:], part)]
		}
		l.pos += int64(len(part))
		line.length = l.pos - line.offset
		switch {
		case err == nil:
			return line, start, nil
		case errors.Is(err, io.EOF):
			if l.pos != l.size {
				return line, nil, unreadable(ReasonChanged) // it was longer when it was opened
			}
			return line, start, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return line, nil, err
		}
	}
}
