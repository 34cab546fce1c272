// Command expect prints what pecverify says of every vector, one JSON object a
// line, for a test that asks the same of a browser: the request that the page
// takes, and the line and exit status that must come out.
//
//	go run ./docs/test/expect
//
// Vectors that do not name a present time are given one, so that the answer does
// not depend on the day of the test.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log"
	"os"
	"time"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/vectors"
)

type request struct {
	Name   string   `json:"name"`
	Trust  []string `json:"trust"`
	Policy string   `json:"policy"`
	At     string   `json:"at"`
	Clock  string   `json:"clock"`
}

type expected struct {
	ID      string  `json:"id"`
	Request request `json:"request"`
	Line    string  `json:"line"` // "" if there is no verdict
	Code    string  `json:"code"` // why there is none
}

func main() {
	out := json.NewEncoder(os.Stdout)
	for v := range vectors.All() {
		e, err := expect(v)
		if err == nil {
			err = out.Encode(e)
		}
		if err != nil {
			log.Fatal(fmt.Errorf("%s: %w", v.ID, err))
		}
	}
}

func expect(v vectors.Vector) (*expected, error) {
	e := &expected{ID: v.ID, Code: string(v.Expected.Error), Request: request{Name: v.File, Policy: v.Options.Policy, Clock: v.Options.Clock}}
	if v.Options.Clock == "any" {
		e.Request.Clock = "2030-01-01T00:00:00Z"
	}
	options := &pec.VerifyOptions{Policy: pec.Policy(v.Options.Policy)}
	clock, err := time.Parse(time.RFC3339, e.Request.Clock)
	if err != nil {
		return nil, err
	}
	options.Clock = func() time.Time { return clock }
	switch v.Options.At {
	case "certified":
	case "now":
		options.AtNow, e.Request.At = true, "now"
	default:
		e.Request.At = v.Options.At
		if options.At, err = time.Parse(time.RFC3339, v.Options.At); err != nil {
			return nil, err
		}
	}
	if options.Trust, err = store(v, e); err != nil {
		return nil, err
	}
	m, err := pec.Read(bytes.NewReader(v.Mail()), int64(len(v.Mail())))
	if err != nil {
		return e, nil // the index says which error it has to be
	}
	r, _ := pec.Verify(m, options)
	if r == nil {
		return e, nil
	}
	line, err := r.JSON(v.File, pec.English)
	e.Line = string(line)
	return e, err
}

// store is the trust that a vector asks for, which the request gets as text.
func store(v vectors.Vector, e *expected) (*trust.Store, error) {
	withAgID := false
	var pems []byte
	for _, anchor := range v.Options.Trust {
		if anchor == "agid" {
			withAgID = true
			e.Request.Trust = append(e.Request.Trust, anchor)
			continue
		}
		text, err := fs.ReadFile(vectors.Files(), anchor)
		if err != nil {
			return nil, err
		}
		pems = append(pems, text...)
		e.Request.Trust = append(e.Request.Trust, string(text))
	}
	if pems == nil {
		return trust.NewStore(withAgID)
	}
	anchors, err := trust.ParseAnchors(pems)
	if err != nil {
		return nil, err
	}
	return trust.NewStore(withAgID, anchors...)
}
