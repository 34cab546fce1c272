// Command attachments takes the attachments out of certified messages, and of
// no others, into a new folder for each message.
//
//	go run ./examples/attachments FOLDER CA.pem|agid FILE...
package main

import (
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 4 {
		log.Fatal("usage: attachments FOLDER CA.pem|agid FILE...")
	}
	options := &pec.VerifyOptions{Trust: store(os.Args[2])}
	status := 0
	for i, file := range os.Args[3:] {
		if err := extract(file, fmt.Sprintf("%s/%04d", os.Args[1], i+1), options); err != nil {
			log.Printf("%s: %v", file, err) // one bad file does not stop the others
			status = 1
		}
	}
	os.Exit(status)
}

func extract(file, dir string, o *pec.VerifyOptions) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	m, err := pec.Read(f, info.Size()) // a large message is never held in memory
	if err != nil {
		return err
	}
	r, err := pec.Verify(m, o)
	if err != nil {
		return err // not certified: nothing is written
	}
	original := r.Message.Original()
	if original == nil {
		return nil
	}
	for i, part := range original.Attachments() {
		// The part's own name is outside text; pecverify -extract shows how to
		// make one safe. A number is always safe.
		if err := save(part, dir, fmt.Sprintf("%d.bin", i+1)); err != nil {
			return err
		}
		fmt.Printf("%s/%d.bin: %q\n", dir, i+1, part.Name())
	}
	return nil
}

func save(part *smime.Part, dir, name string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	out, err := os.OpenFile(dir+"/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, part.Open())
	return errors.Join(err, out.Close())
}

// store believes AgID's authority, or another one instead: here that of the
// examples.
func store(path string) *trust.Store {
	if path == "agid" {
		return trust.AgID()
	}
	b, err := os.ReadFile(path)
	check(err)
	anchors, err := trust.ParseAnchors(b)
	check(err)
	s, err := trust.NewStore(false, anchors...)
	check(err)
	return s
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
