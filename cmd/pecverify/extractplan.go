package main

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/gopec/gopec/internal/printable"
	"github.com/gopec/gopec/pec"
)

// extractMessage writes what a message holds into the folder of -extract. A
// message that is not certified gives an error and nothing else.
func (p *program) extractMessage(ctx context.Context, r *result, number int, report *pec.Report) {
	if !report.Certified && !p.c.extractUncertified {
		r.refused = append(r.refused, p.say("not certified, so nothing of it was extracted (see -extract-uncertified)",
			"non certificato, perciò non ne è stato estratto nulla (vedi -extract-uncertified)"))
		return
	}
	e := extraction{number: number, files: contents(report)}
	if report.Data != nil {
		e.id = report.Data.ID
	}
	if len(e.files) == 0 {
		r.warning = append(r.warning, p.say("nothing to extract", "nulla da estrarre"))
		return
	}
	e.manifest = func(written []writtenFile) ([]byte, error) { return manifest(r.file, report, written) }
	if _, err := p.extract.write(ctx, e); err != nil {
		if errors.Is(err, context.Canceled) {
			r.fail(canceled())
			return
		}
		r.fail(failuref(pec.ErrorUnreadable, "extraction failed: %v", "estrazione non riuscita: %v", err))
	}
}

// contents lists what is extracted: the original, the certification data, the
// signer's certificates, and the original's attachments. These come last, so
// that one named daticert.xml does not take the place of the certified one.
func contents(report *pec.Report) []extractFile {
	var files []extractFile
	add := func(name string, open func() (io.Reader, error)) { files = append(files, extractFile{name, open}) }
	original := report.Message.Original()
	if original != nil {
		add("postacert.eml", func() (io.Reader, error) { return original.Open(), nil })
	}
	if report.Data != nil {
		add("daticert.xml", func() (io.Reader, error) { return bytes.NewReader(report.Data.Raw()), nil })
	}
	if len(report.Chain) > 0 {
		add("certificati.pem", func() (io.Reader, error) { return bytes.NewReader(chainPEM(report)), nil })
	}
	if original == nil {
		return files
	}
	for i, a := range original.Attachments() {
		name := a.Name()
		if name == "" {
			name = fmt.Sprintf("allegato-%d", i+1)
		}
		add(name, func() (io.Reader, error) { return a.Open(), nil })
	}
	return files
}

func chainPEM(report *pec.Report) []byte {
	var b bytes.Buffer
	for _, c := range report.Chain {
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}

// manifest says where the files come from: their names in the message, sizes
// and digests, and the report on the message itself.
func manifest(file string, report *pec.Report, written []writtenFile) ([]byte, error) {
	type entry struct {
		Name     string `json:"name"`
		Original string `json:"original"` // the name in the message
		Size     int64  `json:"size"`
		SHA256   string `json:"sha256"`
	}
	entries := make([]entry, len(written))
	for i, w := range written {
		entries[i] = entry{w.name, w.original, w.size, w.sha256}
	}
	line, err := report.JSON(file, pec.English)
	if err != nil {
		return nil, err
	}
	b, err := json.MarshalIndent(struct {
		Schema    string          `json:"schema"`
		Certified bool            `json:"certified"`
		Files     []entry         `json:"files"`
		Report    json.RawMessage `json:"report"`
	}{"pecverify-extract/1", report.Certified, entries, line}, "", "  ")
	if err != nil {
		return nil, err
	}
	return append(printable.JSON(b), '\n'), nil
}
