package mime_test

import (
	"bytes"
	"io"
	stdmime "mime"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

// seed adds the vectors, in both forms, generated messages, and the genuine
// messages if they are there.
func seed(f *testing.F) {
	f.Helper()
	for _, c := range treeCases {
		for _, form := range lineForms(c.msg) {
			f.Add([]byte(form(c.msg)))
		}
	}
	for _, m := range generated(20) {
		f.Add([]byte(m))
	}
	for _, c := range openCases {
		f.Add([]byte("Content-Transfer-Encoding: " + c.encoding + "\r\n\r\n" + c.raw))
	}
	for _, c := range textCases {
		f.Add([]byte("Content-Type: text/plain; charset=\"" + c.charset + "\"\n\n" + c.raw))
	}
	for _, c := range filenameCases {
		f.Add([]byte(c.header + "\n"))
	}
	for _, c := range looksLikeMailCases {
		f.Add([]byte(c.head))
	}
	for _, header := range []string{
		"Content-Transfer-Encoding: ;base64 x\n\nYQ==", "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n" + strings.Repeat("w6jDqMOo", 20),
		"Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nAAAAA", // cannot be decoded
		"Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("x", 3000) + "\n",
		"Content-Type: text/plain\nContent-Type: text/html\nContent-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: base64\n\n",
		"Content-Type: multipart/mixed; boundary=\"" + strings.Repeat("b", 999) + "\"\n\n",
		"Content-Type: multipart/mixed; boundary=\"a \"\n\n--a \n\n--a--\n",
	} {
		f.Add([]byte(header))
	}
	if dir := os.Getenv("PEC_REFERENCE"); dir != "" {
		files, _ := filepath.Glob(filepath.Join(dir, "corpus", "genuine", "*.eml"))
		if len(files) == 0 {
			f.Fatal("PEC_REFERENCE has no genuine messages")
		}
		for _, file := range files {
			b, err := os.ReadFile(file)
			require.NoError(f, err)
			f.Add(b)
		}
	}
}

func FuzzScan(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		msg := string(b)
		e, err := mime.Scan(mime.NewBytes(b), nil)
		if err != nil {
			require.IsType(t, (*mime.LimitError)(nil), err)
			return
		}
		scan(t, msg)
		if rest := strings.TrimPrefix(msg, "\xef\xbb\xbf"); strings.HasPrefix(rest, "From ") {
			require.NotZero(t, e.Raw.Offset)
		}
		checkTree(t, msg, e)
		for p := range e.All {
			// Content is never longer than its encoded form.
			n, _ := io.Copy(io.Discard, p.Open(mime.Form{}))
			require.LessOrEqual(t, n, p.Body.Length)
			p.Filename()
			for _, form := range allForms {
				want, wantErr := io.ReadAll(io.LimitReader(p.Open(form), 1001))
				got, err := p.Content(form, 1000)
				require.Equal(t, wantErr == nil, err == nil)
				require.True(t, bytes.Equal(want, got) || err != nil, "read at once it is the same")
				requireLent(t, p, form, 1000, got, err)
			}
			text, _ := p.Text(mime.Form{}, 100)
			require.LessOrEqual(t, len(text), 100)
			p.Message(mime.Form{}, nil)
		}
		mime.LooksLikeMail(b)
	})
}

func FuzzHeader(f *testing.F) {
	for _, c := range headerLineCases {
		f.Add(c.msg)
	}
	f.Add(strings.Repeat("A: b\n", 20) + "C: " + strings.Repeat("d", 2000) + "\n") // more than is taken at once
	f.Add("A: b\nA: c\nA: b\n")
	for _, s := range []string{"A: b\r\n c\r\n", "a:\nB:\n\n", "A : b\n", "junk\nA: b\n", "A: b\njunk\n x\nC: d\n", "A:\r\n\t\r\n x\r\n", ":\n", "A: b\r\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := scan(t, s)
		block := cut(s, mime.Section{Offset: e.Raw.Offset, Length: e.Body.Offset - e.Raw.Offset})
		for _, field := range e.Header {
			// Fields stand in the block, in order, and what is between them is junk.
			i := strings.Index(block, string(field.Raw))
			require.GreaterOrEqual(t, i, 0)
			block = block[i+len(field.Raw):]
			require.True(t, strings.HasPrefix(string(field.Raw), field.Name))
			require.NotContains(t, field.Value(), "\n")
			require.True(t, e.Header.Has(field.Name))
			values := e.Header.Values(field.Name)
			first, count, differ := e.Header.First(field.Name)
			require.Equal(t, values[0], first)
			require.Equal(t, first, e.Header.Get(field.Name))
			require.Len(t, values, count)
			require.Equal(t, slices.ContainsFunc(values, func(v string) bool { return v != first }), differ)
		}
		require.Equal(t, e.Header.Get("X-Not-There"), "")
		require.Nil(t, e.Header.Values("X-Not-There"))
		require.False(t, e.Header.Has("X-Not-There"))
		// What the standard library accepts as a header reads the same.
		if strings.Contains(s, "\r") || strings.Contains(s, " \n") || strings.Contains(s, "\t\n") || e.Raw.Offset > 0 {
			return
		}
		if len(s) > 4000 && !strings.HasSuffix(s[:e.Body.Offset], "\n") {
			return // a last line without an end that just fills its buffer is lost there
		}
		std, err := mail.ReadMessage(strings.NewReader(s))
		if err != nil || len(defects(e)) > 0 {
			return
		}
		n := 0
		for name, values := range std.Header {
			n += len(values)
			got := e.Header.Values(name)
			require.Len(t, got, len(values))
			for i := range values {
				require.Equal(t, strings.Join(strings.Fields(values[i]), " "), strings.Join(strings.Fields(got[i]), " "))
			}
		}
		require.Len(t, e.Header, n)
	})
}

func FuzzContentType(f *testing.F) {
	for _, c := range contentTypeCases {
		f.Add(c.value)
	}
	for _, s := range []string{
		"multipart/mixed; boundary=b", `multipart/signed; boundary="a b"; micalg=sha1`, "text/plain; name*0=a; name*1*=%20", "text/plain; name*=utf-8''%C3%A8",
		`a/b; c="\""; d=e;`, "a/b;c=d;c=d", "a/b; c=d (e)", "a/b; =x; y", `a/b; c="d`, "multipart/mixed; boundary=b; boundary=c",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ContainsAny(s, "\r\n") {
			return
		}
		e := scan(t, "Content-Type: "+s+"\n\n")
		mediaType, params, err := stdmime.ParseMediaType(strings.Trim(s, " \t"))
		if err != nil || !strings.Contains(mediaType, "/") {
			require.NotEmpty(t, e.Defects, "what the standard library refuses is a defect")
			return
		}
		require.Equal(t, mediaType, e.MediaType)
		if len(e.Defects) == 0 || e.Defects[0].ID != "content-type-duplicate" {
			require.Equal(t, params["boundary"], e.Params.Get("boundary"), "another boundary is a defect")
		}
		if !strings.Contains(s, "*") {
			require.Len(t, e.Params.Map(), len(e.Params), "each name once")
			for name, v := range params {
				// It takes a form feed for white space, which the grammar does not.
				got := strings.TrimSpace(e.Params.Get(name))
				require.Equal(t, strings.ToValidUTF8(strings.TrimSpace(v), "?"), strings.ToValidUTF8(got, "?"))
			}
		}
	})
}

func FuzzAddresses(f *testing.F) {
	for _, c := range addressCases {
		f.Add(c.in)
	}
	f.Add(strings.Repeat("a@example.it, ", 400) + "b@example.it")
	for _, s := range []string{
		"a@b", `"x" <a@b>, c@d`, "Per conto di: a@b <c@d>", "g: a@b, c@d;", "<a@b", `"a <b@c>`, "(x) a@b (y)", "=?utf-8?q?a?= <b@c>", ";;,:", "a@b;c@d", "\xff <a@b>",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := mime.Addresses(s)
		for _, a := range got {
			require.Contains(t, a.Addr, "@")
		}
		if err == nil && len(got) == 0 && strings.Contains(s, "<a@b>") && !strings.ContainsAny(s, `"()\:;`) {
			t.Fatal("an address in angle brackets was lost")
		}
		// Another recipient after the list is found, whatever is before it.
		more, _ := mime.Addresses(s + ", ultimo@pec.example.it")
		if strict, err := mail.ParseAddressList(s); err == nil && len(strict) > 0 {
			require.NotEmpty(t, more)
			require.Equal(t, "ultimo@pec.example.it", more[len(more)-1].Addr)
		}
		mime.DecodeWords(s)
	})
}

func FuzzDecodeWords(f *testing.F) {
	for _, c := range wordCases {
		f.Add(c.in)
	}
	for _, s := range []string{"=?utf-8?q?a=C3=A8?=", "=?utf-8?b?w6g=?= =?utf-8?b?w6g=?=", "=?x?q?a?=", "a =?iso-8859-1?Q?=E8?= b", "=?=?", "=?utf-8?q??="} {
		f.Add(s)
	}
	dec := &stdmime.WordDecoder{}
	f.Fuzz(func(t *testing.T, s string) {
		got := mime.DecodeWords(s)
		require.LessOrEqual(t, len(got), 3*len(s))
		if !strings.Contains(s, "=?") {
			require.Equal(t, s, got)
		}
		// One word that the standard library reads as UTF-8 reads the same.
		if want, err := dec.Decode(s); err == nil && strings.HasPrefix(strings.ToLower(s), "=?utf-8?") && !strings.ContainsAny(s[10:len(s)-2], " ?\r\n") {
			require.Equal(t, strings.ToValidUTF8(want, "\ufffd"), got)
		}
	})
}
