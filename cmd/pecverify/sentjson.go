package main

import (
	"bytes"
	"encoding/json"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/printable"
)

// sentJSON is the key that -sent adds to the line of a message. Every key is
// always there.
type sentJSON struct {
	File   string       `json:"file"`
	SHA256 string       `json:"sha256"`
	Match  follow.Match `json:"match"`
	Parts  []partJSON   `json:"parts"`
}

type partJSON struct {
	Path      *string           `json:"path"`
	Name      *string           `json:"name"`
	MediaType *string           `json:"mediaType"`
	Status    follow.PartStatus `json:"status"`
}

func (c *comparison) json() sentJSON {
	j := sentJSON{File: c.with.file, SHA256: c.with.sha256, Match: c.Match, Parts: make([]partJSON, 0, len(c.Parts))}
	for _, p := range c.Parts {
		j.Parts = append(j.Parts, partJSON{orNull(position(p)), orNull(p.Name), orNull(p.MediaType), p.Status})
	}
	return j
}

// position is where a part stands: in the file, and one that only the enclosed
// mail has, there.
func position(p follow.Part) string {
	if p.Status == follow.PartExtra {
		return p.Enclosed
	}
	return p.Path
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// withSent adds the key to a line of JSON. It is the command's own, and not one
// of Report.JSON: a report knows of no file. Without -sent the line is that of
// the library, byte for byte.
func withSent(line []byte, c *comparison) []byte {
	value, err := json.Marshal(c.json())
	if err != nil {
		panic(err) // strings always have a form
	}
	line, _ = bytes.CutSuffix(line, []byte("}"))
	return append(append(append(line, `,"sent":`...), printable.JSON(value)...), '}')
}
