package online

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// cache keeps answers as they came, one file each, under the hash of what was
// asked. Nothing in it is believed: its answers are judged again at each use,
// like any others, and whoever could write into it could only make it useless.
type cache struct{ folder string }

// key names the question: where it was sent, and what it said.
func key(url string, request []byte) string {
	h := sha256.New()
	fmt.Fprintf(h, "%d:%s", len(url), url)
	h.Write(request)
	return hex.EncodeToString(h.Sum(nil))
}

// get returns what is kept. Nothing kept, and nothing that can be read, is nil.
func (c cache) get(key string, limit int64) []byte {
	if c.folder == "" {
		return nil
	}
	f, err := os.OpenInRoot(c.folder, key)
	if err != nil {
		return nil
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() || info.Size() > limit {
		return nil
	}
	b, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err != nil || int64(len(b)) > limit {
		return nil
	}
	return b
}

// put keeps an answer. It is written under another name first, so that no
// reader sees half of one.
func (c cache) put(key string, answer []byte) error {
	if c.folder == "" {
		return nil
	}
	if err := os.MkdirAll(c.folder, 0o700); err != nil {
		return fmt.Errorf("online: cache: %w", err)
	}
	f, err := os.CreateTemp(c.folder, ".new-*") // mode 0600
	if err != nil {
		return fmt.Errorf("online: cache: %w", err)
	}
	_, err = f.Write(answer)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), filepath.Join(c.folder, key))
	}
	if err != nil {
		if rm := os.Remove(f.Name()); rm != nil && !errors.Is(rm, fs.ErrNotExist) {
			err = errors.Join(err, rm)
		}
		return fmt.Errorf("online: cache: %w", err)
	}
	return nil
}
