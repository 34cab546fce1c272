//go:build js && wasm

// Command wasm is the verifier of the documentation's verify page. It runs in a
// worker of the browser, where wasm_exec.js of the Go distribution starts it,
// and sets one global object:
//
//	gopec.verify(request, size, read, emit)             -> summary, as JSON
//	gopec.view(request, size, read, number)             -> view, as JSON
//	gopec.text(request, size, read, number)             -> plain text
//	gopec.page(request, size, read, number)             -> a page of HTML to be saved
//	gopec.file(request, size, read, number, index, put) -> the name to save it under
//
// request is JSON, see package verifypage. read(offset, length) returns a
// Uint8Array of that length, or null; emit gets the JSON of each result; put
// gets a file piece by piece. A call is over when it returns: {value} or
// {error}, both strings, since Go cannot throw.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"syscall/js"
	"time"

	"github.com/gopec/gopec/docs/wasm/verifypage"
)

func main() {
	debug.SetGCPercent(50) // a browser's tab has less room than a machine
	gopec := js.Global().Get("Object").New()
	for name, f := range map[string]func(*call) (string, error){"verify": verify, "view": view, "text": text, "page": page, "file": file} {
		gopec.Set(name, js.FuncOf(func(_ js.Value, args []js.Value) any { return answer(f, args) }))
	}
	js.Global().Set("gopec", gopec)
	select {} // the functions are called from outside
}

// call is one call from JavaScript.
type call struct {
	request verifypage.Request
	size    int64
	file    io.ReaderAt
	rest    []js.Value
}

// answer makes a call. A crash of ours is an answer, too: the worker goes on.
func answer(f func(*call) (string, error), args []js.Value) any {
	value, err := func() (value string, err error) {
		defer func() {
			if crash := recover(); crash != nil {
				err = fmt.Errorf("internal error: %v", crash)
			}
		}()
		c := &call{size: int64(args[1].Float()), rest: args[3:]}
		c.file = &reader{read: args[2], size: c.size}
		if err := json.Unmarshal([]byte(args[0].String()), &c.request); err != nil {
			return "", err
		}
		return f(c)
	}()
	if err != nil {
		return map[string]any{"error": err.Error()}
	}
	return map[string]any{"value": value}
}

func verify(c *call) (string, error) {
	emit := c.rest[0]
	s, err := c.request.Verify(context.Background(), c.file, c.size, func(r *verifypage.Result) bool {
		line, err := json.Marshal(r)
		if err != nil {
			panic(err) // it is made of strings
		}
		emit.Invoke(string(line))
		return true
	})
	if err != nil {
		return "", err
	}
	line, err := json.Marshal(s)
	return string(line), err
}

func (c *call) view() (*verifypage.View, error) {
	return c.request.View(context.Background(), c.file, c.size, c.rest[0].Int())
}

func view(c *call) (string, error) {
	v, err := c.view()
	if err != nil {
		return "", err
	}
	line, err := json.Marshal(v)
	return string(line), err
}

func text(c *call) (string, error) {
	v, err := c.view()
	if err != nil {
		return "", err
	}
	return v.Text(c.request.Lang), nil
}

func page(c *call) (string, error) {
	v, err := c.view()
	if err != nil {
		return "", err
	}
	return v.Page(c.request.Lang, time.Now()), nil
}

func file(c *call) (string, error) {
	return c.request.File(context.Background(), c.file, c.size, c.rest[0].Int(), c.rest[1].Int(), writer{c.rest[2]})
}

// reader reads a file of the browser.
type reader struct {
	read js.Value
	size int64
}

var errShort = errors.New("the browser could not read the file")

// ReadAt implements io.ReaderAt.
func (r *reader) ReadAt(p []byte, off int64) (int, error) {
	if off >= r.size {
		return 0, io.EOF
	}
	want := min(int64(len(p)), r.size-off)
	got := r.read.Invoke(float64(off), float64(want))
	if got.IsNull() || int64(js.CopyBytesToGo(p[:want], got)) != want {
		return 0, errShort
	}
	if want < int64(len(p)) {
		return int(want), io.EOF
	}
	return int(want), nil
}

// writer hands bytes to JavaScript.
type writer struct{ put js.Value }

func (w writer) Write(p []byte) (int, error) {
	piece := js.Global().Get("Uint8Array").New(len(p))
	js.CopyBytesToJS(piece, p)
	w.put.Invoke(piece)
	return len(p), nil
}
