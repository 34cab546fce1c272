// Command generate writes the set of vectors into a folder: the messages, the
// certificates of the authorities that they are judged under, and the index
// with what is expected of each message.
//
//	go generate ./vectors
//
// The keys live in this process and die with it: nobody can sign another
// message under these authorities, and none of these messages has legal value.
// So the set is always written as a whole, and to write it again is to write
// other bytes; the ids, reasons and expectations stay.
//
// One row of a table is one vector. Its expectation is written in the row, by
// hand and from the rules; nothing here imports what verifies.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/gopec/gopec/vectors"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: generate FOLDER")
	}
	if err := write(os.Args[1], build()); err != nil {
		log.Fatal(err)
	}
}

// build makes all vectors.
func build() *set {
	s := newSet()
	for _, group := range []func(*set){
		kinds, timeouts,
		algorithms, signatures, certificates, frames, contents, headers, storage,
		noVerdict, noSignature, verdictRows, neighbours,
		brokenSignatures, brokenAttributes, brokenContents, brokenAlgorithms,
		authorities, profiles, constraints, times,
		froms, names, claims, references, subjects, otherFields,
		dataParts, dataForms, dataFacts, dataStrangers, characters,
		structures, changes, cuts, layers, wrapped,
	} {
		group(s)
	}
	return s
}

// write replaces the set in a folder.
func write(dir string, s *set) error {
	for _, sub := range []string{"eml", "trust"} {
		if err := os.RemoveAll(filepath.Join(dir, sub)); err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			return err
		}
	}
	index := vectors.Index{Schema: vectors.Schema, Clock: vectors.Clock{From: clockFrom, Until: clockUntil},
		Anchors: map[string]string{}, Flags: flags}
	for _, a := range s.anchors {
		if err := os.WriteFile(filepath.Join(dir, a.file), a.id.PEM(), 0o644); err != nil {
			return err
		}
		index.Anchors[a.file] = a.what
	}
	size := 0
	for _, v := range s.vectors {
		file := "eml/" + v.ID + ".eml"
		if err := os.WriteFile(filepath.Join(dir, file), v.mail, 0o644); err != nil {
			return err
		}
		sum := sha256.Sum256(v.mail)
		v.File, v.SHA256 = file, hex.EncodeToString(sum[:])
		index.Vectors = append(index.Vectors, v.Vector)
		size += len(v.mail)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	if err := enc.Encode(index); err != nil {
		return err
	}
	fmt.Printf("%d vectors, %d authorities, %d bytes of mail\n", len(s.vectors), len(s.anchors), size)
	return os.WriteFile(filepath.Join(dir, "index.json"), out.Bytes(), 0o644)
}
