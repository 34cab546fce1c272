package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// largeRow is one large message: the whole process of pecverify, beside reading
// and hashing it in a process of its own, and the other tools.
type largeRow struct {
	size                   int64
	pecverify, floor, open usage
}

// folderRow is a folder of small files.
type folderRow struct {
	files     int
	pecverify usage
}

// cores is how many processors the processes may use.
var cores = runtime.NumCPU()

// processes measures the command as users start it.
func (p *page) processes(c *circuit, rounds, files int) error {
	binary := filepath.Join(c.dir, "pecverify")
	build := exec.Command("go", "build", "-o", binary, "github.com/gopec/gopec/cmd/pecverify")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // static, as it is released
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	hasher, err := buildHasher(c.dir)
	if err != nil {
		return err
	}
	for _, size := range []int64{34_000_000, 100_000_000} {
		progress("one message of %d MB", size/1_000_000)
		path, err := c.large(size)
		if err != nil {
			return err
		}
		row := largeRow{size: size}
		for range rounds {
			if err := row.pecverify.least(0)(launch(binary, "-q", "-trust", c.root, path)); err != nil {
				return err
			}
			if err := row.floor.least(0)(launch(hasher, path)); err != nil {
				return err
			}
			if p.openssl != "" {
				if err := row.open.least(0)(c.openssl(path)); err != nil {
					return err
				}
			}
		}
		p.large = append(p.large, row)
		os.Remove(path)
	}
	return p.folders(c, binary, files)
}

// least keeps the best of each of several runs that end with that exit code.
func (u *usage) least(exit int) func(usage, error) error {
	return func(o usage, err error) error {
		switch {
		case err != nil:
			return err
		case o.Exit != exit:
			return fmt.Errorf("exit code %d, not %d", o.Exit, exit)
		case u.Wall == 0:
			*u = o
		default:
			u.Wall, u.CPU = min(u.Wall, o.Wall), min(u.CPU, o.CPU)
			u.Resident, u.End = min(u.Resident, o.Resident), min(u.End, o.End)
		}
		return nil
	}
}

// folders measures a folder with a tenth of the files and one with all of them.
func (p *page) folders(c *circuit, binary string, files int) error {
	folder := filepath.Join(c.dir, "folder")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	var mails [][]byte
	for i := range 200 {
		mails = append(mails, testsign.Message{Kind: daticert.TypeAcceptance, Data: daticert.Data{Subject: fmt.Sprintf("Verbale %d", i)}}.Bytes())
	}
	written := 0
	for _, n := range []int{files / 10, files} {
		progress("a folder of %d files", n)
		for ; written < n; written++ {
			if err := os.WriteFile(filepath.Join(folder, fmt.Sprintf("%06d.eml", written)), mails[written%len(mails)], 0o600); err != nil {
				return err
			}
		}
		row := folderRow{files: n}
		for range 2 {
			if err := row.pecverify.least(0)(launch(binary, "-json", "-trust", c.root, folder)); err != nil {
				return err
			}
		}
		p.folder = append(p.folder, row)
	}
	return nil
}

// hasherSource is reading and hashing a file and nothing else, as a program.
const hasherSource = `package main

import (
	"crypto/sha256"
	"io"
	"os"
)

func main() {
	f, err := os.Open(os.Args[1])
	if err != nil {
		os.Exit(1)
	}
	h := sha256.New()
	if _, err := io.CopyBuffer(struct{ io.Writer }{h}, struct{ io.Reader }{f}, make([]byte, 64<<10)); err != nil {
		os.Exit(1)
	}
	h.Sum(nil)
}
`

func buildHasher(dir string) (string, error) {
	source, binary := filepath.Join(dir, "hasher.go"), filepath.Join(dir, "hasher")
	if err := os.WriteFile(source, []byte(hasherSource), 0o600); err != nil {
		return "", err
	}
	out, err := exec.Command("go", "build", "-o", binary, source).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return binary, nil
}
