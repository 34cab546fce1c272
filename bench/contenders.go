package main

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/mail"
	"os"
	"os/exec"
	"strings"

	"go.mozilla.org/pkcs7"

	"github.com/gopec/gopec/pec"
)

// contender verifies one file.
type contender struct {
	name string
	// worker returns a function that one goroutine uses, with buffers of its own.
	worker func(c *circuit) func(path string) error
}

var (
	floor = contender{"floor", func(c *circuit) func(string) error {
		var buf []byte
		return func(path string) error { return c.floor(path, &buf) }
	}}
	ours = contender{"gopec", func(c *circuit) func(string) error { return c.verify }}
	// plain is what a program gets that is written in an afternoon: the mail in
	// memory, the parts cut out, signature and path checked, and nothing else.
	plain = contender{"net/mail + pkcs7", func(c *circuit) func(string) error { return c.plain }}
)

// floor reads a file into memory that is used again, hashes it, and verifies
// one RSA-2048 signature.
func (c *circuit) floor(path string, buf *[]byte) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if int64(cap(*buf)) < info.Size() {
		*buf = make([]byte, info.Size())
	}
	b := (*buf)[:info.Size()]
	if _, err := io.ReadFull(f, b); err != nil {
		return err
	}
	sha256.Sum256(b)
	return rsa.VerifyPKCS1v15(c.key, crypto.SHA256, c.digest, c.signature)
}

// verify is what pecverify does with a file, up to the report.
func (c *circuit) verify(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	m, err := pec.Read(f, info.Size())
	if err != nil {
		return err
	}
	_, err = pec.Verify(m, c.options)
	return err
}

func (c *circuit) plain(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(bytes.NewReader(b))
	if err != nil {
		return err
	}
	_, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil {
		return err
	}
	delimiter := []byte("\r\n--" + params["boundary"])
	_, rest, ok := bytes.Cut(b, append(delimiter, "\r\n"...))
	content, signature, ok2 := bytes.Cut(rest, append(delimiter, "\r\n"...))
	_, signature, ok3 := bytes.Cut(signature, []byte("\r\n\r\n"))
	signature, _, ok4 := bytes.Cut(signature, delimiter)
	if !ok || !ok2 || !ok3 || !ok4 {
		return errors.New("not multipart/signed")
	}
	der := make([]byte, base64.StdEncoding.DecodedLen(len(signature)))
	n, err := base64.StdEncoding.Decode(der, signature)
	if err != nil {
		return err
	}
	p7, err := pkcs7.Parse(der[:n])
	if err != nil {
		return err
	}
	p7.Content = content
	return p7.VerifyWithChain(c.roots)
}

// openssl verifies one file with a process of its own, as scripts do.
func (c *circuit) openssl(path string) (usage, error) {
	return launch("openssl", "cms", "-verify", "-in", path, "-CAfile", c.root, "-purpose", "any", "-no_check_time", "-out", os.DevNull)
}

// opensslVersion is "" if there is none.
func opensslVersion() string {
	out, err := exec.Command("openssl", "version").Output()
	if err != nil {
		return ""
	}
	version, _, _ := strings.Cut(string(out), " (")
	return strings.TrimSpace(version)
}

// every verifies all files of a set, once, or says which one was not good.
func (s *set) every(verify func(string) error) error {
	for _, path := range s.files {
		if err := verify(path); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}
