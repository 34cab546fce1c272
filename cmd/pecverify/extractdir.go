package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// openExtract opens the folder of -extract.
func openExtract(c *config) (*extractor, *usageError) {
	for _, f := range c.files {
		if f != "-" && lies(c.extract, f) {
			return nil, usagef("-extract: folder %s lies in %s, which is read", "-extract: la cartella %s è dentro %s, che viene letta", c.extract, f)
		}
	}
	x, err := newExtractor(c.extract, c.force)
	switch {
	case err == nil:
		return x, nil
	case errors.Is(err, errNotEmpty):
		return nil, usagef("-extract: folder %s is not empty (see -force)", "-extract: la cartella %s non è vuota (vedi -force)", c.extract)
	}
	return nil, usagef("-extract %s: %s", "-extract %s: %s", c.extract, cause(err).Error())
}

// lies reports whether a folder that may not be there yet is another folder or
// lies in it. What is extracted would be read as more input.
func lies(dir, in string) bool {
	info, err := os.Stat(in)
	if err != nil || !info.IsDir() {
		return false
	}
	in, err = realPath(in)
	if err != nil {
		return false
	}
	dir, err = realPath(dir)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(in, dir)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// realPath is a path from the root without symbolic links. The last element
// need not exist.
func realPath(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real, nil
	}
	parent, err := filepath.EvalSymlinks(filepath.Dir(path))
	return filepath.Join(parent, filepath.Base(path)), err
}
