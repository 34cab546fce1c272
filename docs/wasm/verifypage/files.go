package verifypage

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"

	"github.com/gopec/gopec/internal/safename"
	"github.com/gopec/gopec/pec"
)

// ErrNotCertified says that nothing of a message is given away, because it is
// not certified.
var ErrNotCertified = errors.New("verifypage: not certified, so nothing of it is saved")

// part is one file that a message holds.
type part struct {
	name string // as the message has it: outside text
	open func() io.Reader
}

// parts lists what can be saved, in the order of pecverify -extract: the
// original, the certification data, the signer's certificates, and the
// original's attachments. These come last, so that one named daticert.xml does
// not take the place of the certified one.
func parts(report *pec.Report) []part {
	var all []part
	add := func(name string, open func() io.Reader) { all = append(all, part{name, open}) }
	original := report.Message.Original()
	if original != nil {
		add("postacert.eml", original.Open)
	}
	if report.Data != nil {
		add("daticert.xml", func() io.Reader { return bytes.NewReader(report.Data.Raw()) })
	}
	if len(report.Chain) > 0 {
		add("certificati.pem", func() io.Reader { return bytes.NewReader(chain(report)) })
	}
	if original == nil {
		return all
	}
	for i, a := range original.Attachments() {
		name := a.Name()
		if name == "" {
			name = fmt.Sprintf("allegato-%d", i+1)
		}
		add(name, a.Open)
	}
	return all
}

func chain(report *pec.Report) []byte {
	var b bytes.Buffer
	for _, c := range report.Chain {
		pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}) // a bytes.Buffer takes everything
	}
	return b.Bytes()
}

// File writes one file that the message of a number holds to out, and returns
// the name to save it under, which is safe on every system. The message is
// verified again first; if it is not certified, nothing is written and the
// error is [ErrNotCertified].
func (q *Request) File(ctx context.Context, r io.ReaderAt, size int64, number, index int, out io.Writer) (name string, err error) {
	err = q.message(ctx, r, size, number, func(_ string, report *pec.Report, failed *failure) error {
		if failed != nil || !report.Certified {
			return ErrNotCertified
		}
		all, names := parts(report), safename.Taken{}
		if index < 0 || index >= len(all) {
			return fmt.Errorf("verifypage: no file %d in the message", index)
		}
		for _, p := range all[:index+1] {
			name = names.Take(safename.File(p.name))
		}
		_, err := io.Copy(out, all[index].open())
		return err
	})
	return name, err
}

// View gives the view of the message of a number once more, for pages that do
// not keep all of them.
func (q *Request) View(ctx context.Context, r io.ReaderAt, size int64, number int) (v *View, err error) {
	err = q.message(ctx, r, size, number, func(file string, report *pec.Report, failed *failure) error {
		if failed != nil {
			v = q.failureView(file, failed)
			return nil
		}
		v = q.view(file, report)
		return nil
	})
	return v, err
}
