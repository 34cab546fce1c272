// Command sort lists the messages of a folder by kind and recipient, those
// that are not certified last. It copies nothing and believes only certified
// data.
//
//	go run ./examples/sort FOLDER [CA.pem]
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 && len(os.Args) != 3 {
		log.Fatal("usage: sort FOLDER [CA.pem]")
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.eml"))
	check(err)
	options := &pec.VerifyOptions{} // AgID's authority, at the time each message certifies
	if len(os.Args) == 3 {
		options.Trust = store(os.Args[2])
	}
	var lines []string
	status := 0
	for _, file := range files {
		line, err := place(file, options)
		if err != nil {
			log.Printf("%s: %v", file, err) // one bad file does not stop the others
			status = 2
			continue
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	for _, l := range lines {
		fmt.Println(l)
	}
	os.Exit(status)
}

// place gives a file its line: kind, recipient, name.
func place(file string, o *pec.VerifyOptions) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	m, err := pec.ReadAll(f)
	if err != nil {
		return "", err
	}
	r, err := pec.Verify(m, o)
	if _, ok := errors.AsType[*pec.NotCertifiedError](err); ok {
		return fmt.Sprintf("~ not certified  %-25s %s", r.Kind, filepath.Base(file)), nil
	}
	if err != nil {
		return "", err
	}
	recipient := r.Data.Delivery // the one a delivery, or its failure, is about
	if recipient == "" {
		recipient = r.Data.Recipients[0].Address
	}
	return fmt.Sprintf("%-25s %-30q %s", r.Kind, recipient, filepath.Base(file)), nil
}

// store believes one authority instead of AgID's: here that of the examples.
func store(path string) *trust.Store {
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
