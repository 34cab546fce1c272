package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"

	"github.com/gopec/gopec/internal/safename"
)

// extraction is what -extract writes of one message.
type extraction struct {
	number int    // of the message in this run, from 1
	id     string // identificativo, or "" if there is none
	files  []extractFile
	// manifest describes what was written. It becomes manifest.json.
	manifest func(written []writtenFile) ([]byte, error)
}

// extractFile is one file to be written.
type extractFile struct {
	name string // as the message has it: outside text
	open func() (io.Reader, error)
}

// writtenFile is one file that was written.
type writtenFile struct {
	original string // the name in the message
	name     string // the name in the folder
	size     int64
	sha256   string // lower-case hex
}

const manifestName = "manifest.json"

// errNotEmpty says that DIR holds something and -force was not given.
var errNotEmpty = errors.New("folder is not empty")

// extractor writes messages into one folder. It never writes outside it and
// never over anything: every file is new, in a new folder, which gets its name
// only when all is written. Several goroutines may use one extractor.
type extractor struct {
	root *os.Root
	mu   sync.Mutex // while a name is looked for and taken
}

// newExtractor opens the folder, which is made if it is not there. If it is
// not empty, the error is errNotEmpty unless force is set.
func newExtractor(dir string, force bool) (*extractor, error) {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if !force {
		if err := checkEmpty(root); err != nil {
			root.Close()
			return nil, err
		}
	}
	return &extractor{root: root}, nil
}

func checkEmpty(root *os.Root) error {
	d, err := root.Open(".")
	if err != nil {
		return err
	}
	defer d.Close()
	switch _, err := d.ReadDir(1); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return errNotEmpty
}

func (x *extractor) close() error { return x.root.Close() }

// write writes one message into a folder of its own and returns the folder's
// name in DIR. If anything fails nothing of the message is left.
func (x *extractor) write(ctx context.Context, e extraction) (folder string, err error) {
	temp, err := x.makeTemp(e.number)
	if err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, x.root.RemoveAll(temp))
		}
	}()
	dir, err := x.root.OpenRoot(temp)
	if err != nil {
		return "", err
	}
	err = writeFiles(ctx, dir, e)
	if err := errors.Join(err, dir.Close()); err != nil {
		return "", err
	}
	return x.publish(temp, folderName(e.number, e.id))
}

// makeTemp makes the folder that is written to first.
func (x *extractor) makeTemp(number int) (string, error) {
	for try := 0; ; try++ {
		name := fmt.Sprintf(".pecverify-%d-%04d-%d.tmp", os.Getpid(), number, try)
		err := x.root.Mkdir(name, 0o700)
		if err == nil || !errors.Is(err, fs.ErrExist) || try == 1000 {
			return name, err
		}
	}
}

// publish gives the folder its name, numbered if that is taken.
func (x *extractor) publish(temp, name string) (string, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for n := 1; ; n++ {
		final := name
		if n > 1 {
			final = safename.Numbered(name, n)
		}
		// Rename replaces an empty folder silently, so ask first. Another
		// process that makes an empty one in between loses nothing.
		switch _, err := x.root.Lstat(final); {
		case err == nil && n < 10_000:
			continue
		case err == nil:
			return "", fmt.Errorf("%s: %w", name, fs.ErrExist)
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		return final, x.root.Rename(temp, final)
	}
}

// writeFiles writes the files of one message and their manifest.
func writeFiles(ctx context.Context, dir *os.Root, e extraction) error {
	names := safename.Taken{}
	names.Take(manifestName)
	var written []writtenFile
	for _, f := range e.files {
		name := names.Take(safename.File(f.name))
		r, err := f.open()
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		w, err := writeFile(ctx, dir, name, r)
		if err != nil {
			return fmt.Errorf("%s: %w", name, cause(err))
		}
		w.original = f.name
		written = append(written, w)
	}
	text, err := e.manifest(written)
	if err != nil {
		return err
	}
	f, err := create(dir, manifestName)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Close())
}

// writeFile writes one new file.
func writeFile(ctx context.Context, dir *os.Root, name string, r io.Reader) (w writtenFile, err error) {
	f, err := create(dir, name)
	if err != nil {
		return w, err
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(f, sum), cancelReader{ctx, r})
	// Some systems report a full disk only when the file is closed.
	if err := errors.Join(err, f.Close()); err != nil {
		return w, err
	}
	return writtenFile{name: name, size: n, sha256: hex.EncodeToString(sum.Sum(nil))}, nil
}

func create(dir *os.Root, name string) (*os.File, error) {
	return dir.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

// cancelReader ends a copy when its context is canceled.
type cancelReader struct {
	ctx context.Context
	r   io.Reader
}

func (c cancelReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// folderName is the name of a message's folder: its number, and its
// identificativo as far as that can be part of a name.
func folderName(number int, id string) string {
	name := fmt.Sprintf("%04d", number)
	if id = safename.Letters(id, 60); id != "" {
		name += "-" + id
	}
	return name
}
