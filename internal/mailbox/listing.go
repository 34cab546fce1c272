package mailbox

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
)

// listing is the entries of one folder, in order. A folder can hold a hundred
// thousand messages, and only the names of all of them are needed at once: they
// stand behind one another in one piece of memory.
type listing struct {
	names   []byte
	entries []entry
	maildir bool // it has cur and new
}

// entry is one file or folder. Its name is a piece of names; that of a folder
// has the slash that follows it.
type entry struct {
	at     uint32
	length uint16 // no system has names of more than 1,000 bytes
	kind   kind
}

type kind uint8

const (
	kindOther kind = iota // symbolic links, devices, sockets
	kindFile
	kindFolder
)

// listBatch is how many entries are asked of the system at a time.
const listBatch = 1024

// list reads a folder. What could be read is returned with an error.
func list(path string) (*listing, error) {
	l := &listing{}
	f, err := os.OpenFile(path, os.O_RDONLY|openNonblock, 0)
	if err != nil {
		return l, err
	}
	defer f.Close()
	boxes := 0
	for err == nil && len(l.names) < math.MaxUint32>>1 { // a folder of fifty million
		var batch []fs.DirEntry
		batch, err = f.ReadDir(listBatch)
		for _, e := range batch {
			l.add(e)
			if e.IsDir() && (e.Name() == "cur" || e.Name() == "new") {
				boxes++
			}
		}
	}
	l.maildir = boxes == 2
	// A folder's name counts with the slash that follows it, so that the order
	// is that of whole paths: "a.eml" before "a/b.eml".
	slices.SortFunc(l.entries, func(a, b entry) int { return bytes.Compare(l.key(a), l.key(b)) })
	switch {
	case errors.Is(err, io.EOF):
		err = nil
	case err == nil:
		err = errManyEntries
	}
	// The room that they grew into is not needed for the hours that a long walk takes.
	l.names, l.entries = bytes.Clone(l.names), slices.Clone(l.entries)
	return l, err
}

var errManyEntries = errors.New("the folder has too many entries")

func (l *listing) add(e fs.DirEntry) {
	one := entry{at: uint32(len(l.names)), kind: kindOther}
	l.names = append(l.names, e.Name()...)
	switch {
	case e.IsDir():
		one.kind = kindFolder
		l.names = append(l.names, '/')
	case e.Type().IsRegular():
		one.kind = kindFile
	}
	one.length = uint16(len(l.names) - int(one.at))
	l.entries = append(l.entries, one)
}

func (l *listing) key(e entry) []byte { return l.names[e.at : e.at+uint32(e.length)] }

// name returns an entry's name as it is.
func (l *listing) name(e entry) string {
	if e.kind == kindFolder {
		return string(bytes.TrimSuffix(l.key(e), []byte{'/'}))
	}
	return string(l.key(e))
}
