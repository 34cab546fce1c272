package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// outFile is a file that is there whole or not at all: it is written under a
// temporary name beside its own, and gets that when all is written.
type outFile struct {
	path  string
	temp  string
	force bool
	file  *os.File // nil when it was published or removed
}

// errNotRegular says that what stands at OUT is no file that could be replaced.
var errNotRegular = errors.New("not a regular file")

// newOutFile makes the temporary file, so that a folder that cannot be written is
// told before anything is verified. If path is taken, the error is fs.ErrExist
// unless force is set.
func newOutFile(path string, force bool) (*outFile, error) {
	o := &outFile{path: path, force: force}
	if err := o.free(); err != nil {
		return nil, err
	}
	// A name that starts with a dot is never read as an input.
	for try := 0; ; try++ {
		o.temp = filepath.Join(filepath.Dir(path), fmt.Sprintf(".pecverify-%d-%d.tmp", os.Getpid(), try))
		var err error
		o.file, err = os.OpenFile(o.temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil {
			return o, nil
		}
		if !errors.Is(err, fs.ErrExist) || try == 1000 {
			return nil, err
		}
	}
}

// free reports whether the name can be taken. A symbolic link is not followed:
// what it leads to would be replaced unseen.
func (o *outFile) free() error {
	info, err := os.Lstat(o.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return errNotRegular
	case !o.force:
		return fs.ErrExist
	}
	return nil
}

// publish writes the content and gives the file its name. If anything fails,
// nothing is left, and what stood there stays.
func (o *outFile) publish(write func(io.Writer) error) (err error) {
	defer o.remove()
	b := bufio.NewWriter(o.file)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := o.file.Sync(); err != nil {
		return err
	}
	// Some systems report a full disk only when the file is closed.
	if err := o.file.Close(); err != nil {
		return err
	}
	return o.rename()
}

// rename gives the file its name. Without force it must not replace what somebody
// has put there meanwhile: a link is made, which fails then. Where there are no
// links there is a moment between asking and renaming.
func (o *outFile) rename() error {
	if !o.force {
		switch err := os.Link(o.temp, o.path); {
		case err == nil:
			return nil // the temporary name goes with the rest
		case errors.Is(err, fs.ErrExist):
			return fs.ErrExist
		}
	}
	if err := o.free(); err != nil {
		return err
	}
	return os.Rename(o.temp, o.path)
}

// remove removes the temporary file, if it is still there. It may be called
// again.
func (o *outFile) remove() {
	if o.file == nil {
		return
	}
	o.file.Close() // a second time, mostly
	o.file = nil
	os.Remove(o.temp) // gone already if it was renamed
}

// outError says why the file of a flag cannot be written.
func outError(flag, path string, err error) *usageError {
	switch {
	case errors.Is(err, fs.ErrExist):
		return usagef("%s %s: the file exists already (see -force)", "%s %s: il file esiste già (vedi -force)", flag, path)
	case errors.Is(err, errNotRegular):
		return usagef("%s %s: that is not a regular file, and is not replaced", "%s %s: non è un file normale e non viene sostituito", flag, path)
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		err = e.Err
	}
	return usagef("%s %s: cannot be written: %s", "%s %s: scrittura non riuscita: %s", flag, path, cause(err).Error())
}

// format is a form in which a dossier is written.
type format string

const (
	formatHTML format = ".html"
	formatJSON format = ".json"
	formatText format = ".txt"
)

// formatOf takes the form from the name of the file; "" for any other name.
func formatOf(path string) format {
	switch f := format(strings.ToLower(filepath.Ext(path))); f {
	case formatHTML, formatJSON, formatText:
		return f
	}
	return ""
}
