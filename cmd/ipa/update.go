package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"github.com/gopec/gopec/ipa"
)

// path returns the file of the snapshot. The error has been reported.
func (p *program) path() (string, bool) {
	if p.c.file != "" {
		return p.c.file, true
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		p.diag.errorf(p.say("no folder for the snapshot, see -file: %v", "nessuna cartella per la copia, vedi -file: %v"), err)
		return "", false
	}
	return filepath.Join(dir, "gopec", "ipa.idx"), true
}

// open loads the snapshot, and warns of an old one. The error has been
// reported.
func (p *program) open() (*ipa.Snapshot, bool) {
	path, ok := p.path()
	if !ok {
		return nil, false
	}
	s, err := ipa.Load(path)
	if err != nil {
		p.diag.errorf("%v", err)
		p.diag.hintf("%s", p.say("ipa update makes a snapshot", "ipa update crea la copia"))
		return nil, false
	}
	if age := p.now().Sub(s.Date()); age > 48*time.Hour {
		p.diag.warningf(p.say("the snapshot is of %s, %d days old", "la copia è del %s, vecchia di %d giorni"), s.Date().Format(time.DateOnly), int(age.Hours()/24))
	}
	return s, true
}

// update makes a snapshot.
func (p *program) update(ctx context.Context) int {
	path, ok := p.path()
	if !ok {
		return exitNoAnswer
	}
	if p.c.file == "" {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			p.diag.errorf("%v", err)
			return exitNoAnswer
		}
	}
	store := ipa.OpenStore(path, &ipa.StoreOptions{BaseURL: p.c.base, Officers: p.c.officers, Progress: p.progress, Interval: p.interval()})
	var err error
	if len(p.c.args) > 0 {
		err = p.read(store)
	} else {
		err = store.Refresh(ctx)
	}
	if err != nil {
		p.diag.errorf("%v", err)
		if _, old := store.Snapshot(); old == nil {
			p.diag.hintf("%s", p.say("the snapshot before is still in place", "la copia precedente è rimasta al suo posto"))
		}
		return exitNoAnswer
	}
	s, err := store.Snapshot()
	if err != nil {
		p.diag.errorf("%v", err)
		return exitNoAnswer
	}
	p.report(s, path)
	return exitFound
}

// interval leaves no time between requests to a server that the user names.
func (p *program) interval() time.Duration {
	if p.c.base != "" {
		return -1
	}
	return 0
}

// read makes the snapshot of files.
func (p *program) read(store *ipa.Store) error {
	date := p.c.date
	for _, file := range p.c.args {
		info, err := os.Stat(file)
		if err != nil {
			return err
		}
		if p.c.date.IsZero() && info.ModTime().After(date) {
			date = info.ModTime()
		}
	}
	b := ipa.NewBuilder(ipa.BuildOptions{Date: date, Officers: p.c.officers})
	for _, file := range p.c.args {
		source, err := b.AddFile(file, ipa.Input{Name: file})
		if err != nil {
			return err
		}
		p.diag.hintf(p.say("%s: %s, %d rows", "%s: %s, %d righe"), file, source.Dataset, source.Rows)
	}
	s, err := b.Snapshot()
	if err != nil {
		return err
	}
	return store.Replace(s)
}

// progress says what is being downloaded, and how much it was.
func (p *program) progress(now ipa.Progress) {
	switch {
	case now.Step == "download" && now.Dataset != p.loading:
		p.loading = now.Dataset
		p.diag.hintf(p.say("%s: downloading", "%s: scarico"), now.Dataset)
	case now.Step == "read":
		p.diag.hintf(p.say("%s: %.1f MB", "%s: %.1f MB"), now.Dataset, float64(p.received)/1e6)
	}
	p.received = now.Bytes
}

// report says what is in the snapshot.
func (p *program) report(s *ipa.Snapshot, path string) {
	p.out.line(p.say("IPA snapshot of %s: %d bodies, %d areas, %d offices, %d addresses", "copia IPA del %s: %d enti, %d AOO, %d uffici, %d indirizzi"),
		s.Date().Format(time.DateOnly), s.Len(ipa.KindBody), s.Len(ipa.KindArea), s.Len(ipa.KindOffice), s.AddressCount())
	p.out.line("%s", show(path))
	m := s.Manifest()
	if m.DefectCount == 0 {
		return
	}
	p.diag.warningf(p.say("oddities in the data: %d", "stranezze nei dati: %d"), m.DefectCount)
	for i, d := range m.Defects {
		if i == 5 {
			break
		}
		p.diag.warningf("%s:%d: %s", d.File, d.Line, d.Detail)
	}
}
