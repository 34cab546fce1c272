// Package vectors is a set of signed PEC messages, good ones and every kind of
// broken one, each with the report that a verifier has to give of it. It is
// data: README.md explains the files, so that a program in any language can run
// them, and this package gives Go programs the same files and their index.
//
//	for v := range vectors.All() {
//		report := verify(v.Mail(), v.Options) // yours
//		compare(report, v.Expected)
//	}
//
// One generator wrote all of it. The expectations were written by hand from the
// rules, not taken from a verifier. The authorities say in their names that they
// have no legal value, and their keys ended with the process that made them: to
// change one vector is to generate all of them again.
//
// Everything here may be used by several goroutines at once; what All yields
// shares its slices, which are not to be changed.
package vectors

//go:generate go run ./generate .

import (
	"embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"iter"
	"sync"
	"time"
)

//go:embed index.json schema.json eml trust
var files embed.FS

// Files returns the set as it lies in the repository: index.json, its schema
// schema.json, the messages under eml and the authorities under trust.
func Files() fs.FS { return files }

// All yields the vectors in the order of the index.
func All() iter.Seq[Vector] {
	return func(yield func(Vector) bool) {
		for _, v := range Set().Vectors {
			if !yield(v) {
				return
			}
		}
	}
}

// Set returns the index.
func Set() *Index { return set() }

var set = sync.OnceValue(func() *Index {
	b, err := files.ReadFile("index.json")
	if err != nil {
		panic(err) // it is embedded
	}
	var index Index
	if err := json.Unmarshal(b, &index); err != nil {
		panic(fmt.Sprintf("vectors: index.json: %v", err)) // a test reads it, too
	}
	return &index
})

// Schema names the form of the index. Keys may be added under one name; none is
// removed or changes its meaning.
const Schema = "gopec-vectors/1"

// Index is index.json.
type Index struct {
	Schema  string            `json:"schema"`
	Clock   Clock             `json:"clock"`
	Anchors map[string]string `json:"anchors"` // what each file under trust is
	Flags   map[string]Flag   `json:"flags"`
	Vectors []Vector          `json:"vectors"`
}

// Clock bounds the present time under which a vector whose options name no clock
// gives what is expected of it: at any time from the first to the last.
type Clock struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Flag explains what vectors have in common.
type Flag struct {
	Description string `json:"description"` // what is done in them
	Effect      string `json:"effect"`      // what it costs to get them wrong
}

// Vector is one message with one behaviour.
type Vector struct {
	ID       string   `json:"id"`     // stable
	File     string   `json:"file"`   // the mail, a path in Files
	SHA256   string   `json:"sha256"` // of the file, lower-case hex: line ends count
	Reason   string   `json:"reason"` // why the expectation is what it is
	Flags    []string `json:"flags"`
	Options  Options  `json:"options"`
	Expected Expected `json:"expected"`
}

// Mail returns the bytes of the file.
func (v Vector) Mail() []byte {
	b, err := files.ReadFile(v.File)
	if err != nil {
		panic(err) // a test opens every file of the index
	}
	return b
}

// Options are what a verification is asked for.
type Options struct {
	Trust  []string `json:"trust"`  // the anchors that are believed, and no others: paths in Files, or "agid" for AgID's
	Policy string   `json:"policy"` // "gopec/pec-time/1", "gopec/strict/1" or "gopec/legacy/1"
	At     string   `json:"at"`     // the reference time: "certified" by the message, "now", or a time of RFC 3339 that the caller vouches for
	Clock  string   `json:"clock"`  // the present time: "any" in the bounds of the index, or a time of RFC 3339
}

// Expected is what has to come out. Either Error or Report is set.
type Expected struct {
	Exit   int      `json:"exit"`   // status of pecverify: 0 certified, 1 not certified, 2 no verdict
	Error  Nullable `json:"error"`  // why there is no verdict, such as "limit"
	Report *Report  `json:"report"` // null if there is no verdict
}

// Report is what is expected of one layer: the keys have the names and the
// meaning of those in the JSON of pecverify.
type Report struct {
	Path             string         `json:"path"` // MIME position of an inner layer, "" for the mail itself
	Kind             string         `json:"kind"`
	Certified        bool           `json:"certified"`
	Proves           string         `json:"proves"`
	Verdict          Nullable       `json:"verdict"`
	SubIndication    Nullable       `json:"subIndication"`
	ProofOfExistence string         `json:"proofOfExistence"`
	ReferenceTime    *ReferenceTime `json:"referenceTime"`
	Failed           []string       `json:"failed"` // ids of all checks that fail, sorted
	Warned           []string       `json:"warned"` // ids of all checks that warn, sorted
	// Data are some of the certification data, or all that the vector is about:
	// what is listed has to be reported so. nil (null) if none may be reported.
	Data   map[string]any `json:"data"`
	Layers []Report       `json:"layers"` // of the layers inside, all of them, in order
}

// ReferenceTime is the time that the signer is judged at. Time is RFC 3339 in
// the offset of the certification data, "" (null) if it is the present.
type ReferenceTime struct {
	Time   Nullable `json:"time"`
	Source string   `json:"source"`
}

// Nullable is a string that is null in JSON if it is empty.
type Nullable string

// MarshalJSON implements json.Marshaler.
func (n Nullable) MarshalJSON() ([]byte, error) {
	if n == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(n))
}
