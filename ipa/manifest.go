package ipa

import "time"

// Manifest says what a snapshot was made of. It is part of the snapshot's file,
// so that the two cannot come apart.
type Manifest struct {
	Date       time.Time           `json:"date"`     // of the data, UTC
	Officers   bool                `json:"officers"` // persons in charge are in it
	Sources    []Source            `json:"sources"`
	Categories map[string]Category `json:"categories"`
	// Defects are oddities of the data that did not stop the reading, the first
	// hundred of DefectCount.
	Defects     []Defect `json:"defects"`
	DefectCount int      `json:"defectCount"`
}

// Source is one file that was read.
type Source struct {
	Dataset  Dataset   `json:"dataset"`
	Name     string    `json:"name"`
	Resource string    `json:"resource,omitempty"` // CKAN resource id
	URL      string    `json:"url,omitempty"`
	Fetched  time.Time `json:"fetched,omitzero"`
	Rows     int       `json:"rows"` // without the header
	Bytes    int64     `json:"bytes"`
	SHA256   string    `json:"sha256"` // of the file as read, lower-case hex
}

// Category is an entry of dataset categorie-enti.
type Category struct {
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// Defect is an oddity of the data.
type Defect struct {
	File   string `json:"file"`
	Line   int    `json:"line,omitzero"`
	Detail string `json:"detail"` // English; outside text in it is not made printable
}

const maxDefects = 100

// Rows returns the number of rows read of a dataset.
func (m *Manifest) Rows(d Dataset) int {
	n := 0
	for _, s := range m.Sources {
		if s.Dataset == d {
			n += s.Rows
		}
	}
	return n
}

func (b *Builder) defect(file string, line int, detail string) {
	b.manifest.DefectCount++
	if len(b.manifest.Defects) < maxDefects {
		b.manifest.Defects = append(b.manifest.Defects, Defect{file, line, detail})
	}
}
