package mime_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/emersion/go-message"
	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/mime"
)

var openCases = []struct {
	name, reason  string
	encoding, raw string
	want, err     string
}{
	{"7bit", "as it stands", "7bit", "a=20b\r\n", "a=20b\r\n", ""},
	{"base64", "plain", "base64", "Y2lhbw==\r\n", "ciao", ""},
	{"base64 blanks", "white space anywhere", "base64", " Y2\r\n\tlh\n bw\r\n= =", "ciao", ""},
	{"base64 junk", "characters outside the alphabet are skipped (RFC 2045 §6.8)", "base64", "Y2-l*h\x00bw==", "ciao", ""},
	{"base64 no padding", "clients add it", "base64", "Y2lhbw", "ciao", ""},
	{"base64 half the padding", "clients add it", "base64", "Y2lhbw=", "ciao", ""},
	{"base64 too much padding", "nothing depends on it", "base64", "Y2lhbw====", "ciao", ""},
	{"base64 padding alone", "there is nothing", "base64", "====", "", ""},
	{"base64 empty", "there is nothing", "base64", "", "", ""},
	{"base64 one character", "six bits are no byte: something is missing", "base64", "Y2lhb", "cia", "unexpected EOF"},
	{"base64 after padding", "decoders differ in what follows", "base64", "Y2lhbw==Y2lhbw==", "ciao", "data after padding"},
	{"quoted-printable", "plain", "Quoted-Printable", "perch=C3=A8=\r\n no =3D \r\n", "perchè no =\r\n", ""},
	{"quoted-printable lower case", "accepted", "quoted-printable", "=c3=a8", "è", ""},
	{"quoted-printable not hexadecimal", "the sign stands for itself", "quoted-printable", "a=b c=zz", "a=b c=zz", ""},
	{"quoted-printable 8-bit", "accepted", "quoted-printable", "è=", "è", ""},
	{"quoted-printable ends in a soft break", "nothing is missing", "quoted-printable", "a=\r\n", "a", ""},
	{"quoted-printable ends in =", "the part's line end belongs to the delimiter", "quoted-printable", "a\r\n=", "a\r\n", ""},
	{"quoted-printable control characters", "a user's subject can have them", "quoted-printable", "a\x16b\x00\x7f=16", "a\x16b\x00\x7f\x16", ""},
	{"unknown", "nobody knows what it says", "x-uuencode", "begin", "", "unhandled encoding"},
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for _, c := range openCases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			e := scan(t, "Content-Transfer-Encoding: "+c.encoding+"\r\n\r\n"+c.raw)
			for name, r := range map[string]io.Reader{"whole": e.Open(mime.Form{}), "bytewise": iotest.OneByteReader(e.Open(mime.Form{}))} {
				got, err := io.ReadAll(r)
				require.Equal(t, c.want, string(got), "%s (%s)", c.reason, name)
				if c.err == "" {
					require.NoError(t, err)
				} else {
					require.ErrorContains(t, err, c.err)
				}
			}
		})
	}
}

func TestOpenLongQuotedPrintableLine(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1000, 1023, 1024, 4095, 4096, 100_000} {
		raw := strings.Repeat("x", n) + strings.Repeat("=C3=A8 y", n) + "  \r\nend"
		want := strings.Repeat("x", n) + strings.Repeat("è y", n) + "\r\nend"
		e := scan(t, "Content-Transfer-Encoding: quoted-printable\r\n\r\n"+raw)
		got, err := io.ReadAll(e.Open(mime.Form{}))
		require.NoError(t, err)
		require.True(t, want == string(got), "%d", n)
	}
}

func TestOpenInForm(t *testing.T) {
	t.Parallel()
	e := scan(t, "Content-Type: text/plain\n\n>From here\n>>From there\n")
	got, err := io.ReadAll(e.Open(mime.Form{Canonical: true, Unquote: mime.UnquoteAll}))
	require.NoError(t, err)
	require.Equal(t, "From here\r\n>From there\r\n", string(got))
	got, err = io.ReadAll(e.Open(mime.Form{Unquote: mime.UnquoteFrom}))
	require.NoError(t, err)
	require.Equal(t, "From here\n>>From there\n", string(got))
}

var textCases = []struct {
	charset, raw string
	max          int64
	want         string
}{
	{"utf-8", "perchè", 100, "perchè"},
	{"", "perchè", 100, "perchè"},
	{"us-ascii", "perch\xe8", 100, "perch\ufffd"},
	{"utf-8", "a\xc3(\xff", 100, "a\ufffd(\ufffd"},
	{"ISO-8859-1", "perch\xe8 \x80", 100, "perchè €"},
	{"iso-8859-15", "\xa4 \xe8 \xbc", 100, "€ è Œ"},
	{"windows-1252", "\x93\xe8\x94 \x81", 100, "“è” \ufffd"},
	{"x-unknown", "perch\xe8", 100, "perch\ufffd"},
	{"utf-8", "perchè no", 6, "perch"},
	{"utf-8", "perchè no", 7, "perchè"},
	{"iso-8859-1", "\xe8\xe8\xe8", 5, "èè"},
	{"utf-8", "èèèèè", 0, ""},
}

func TestText(t *testing.T) {
	t.Parallel()
	for _, c := range textCases {
		e := scan(t, "Content-Type: text/plain; charset=\""+c.charset+"\"\n\n"+c.raw)
		got, err := e.Text(mime.Form{}, c.max)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "%+v", c)
	}
	got, err := scan(t, "Content-Transfer-Encoding: base64\n\nY2lhb").Text(mime.Form{}, 100)
	require.Equal(t, "cia", got)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
}

// Not parallel: go-message's registry is a global variable.
func TestTextWithRegisteredCharset(t *testing.T) {
	before := message.CharsetReader
	defer func() { message.CharsetReader = before }()
	message.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
		if charset != "x-upper" {
			return nil, errors.New("unknown")
		}
		b, err := io.ReadAll(r)
		return strings.NewReader(strings.ToUpper(string(b))), err
	}
	got, err := scan(t, "Content-Type: text/plain; charset=X-Upper\n\nabcdef").Text(mime.Form{}, 4)
	require.NoError(t, err)
	require.Equal(t, "ABCD", got)
	require.Equal(t, "ABC =?x-lower?q?abc?=", mime.DecodeWords("=?X-UPPER?q?abc?= =?x-lower?q?abc?="))
}

const innerMessage = "Subject: in\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b--\r\n"

func TestMessage(t *testing.T) {
	t.Parallel()
	encoded := base64.StdEncoding.EncodeToString([]byte(innerMessage))
	cases := []struct {
		name, header, body string
		own                bool // a source of its own
	}{
		{"in place", "Content-Type: message/rfc822\r\n", innerMessage, false},
		{"base64", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n", encoded, true},
		{"quoted-printable", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: quoted-printable\r\n", strings.ReplaceAll(innerMessage, "=", "=3D"), true},
		{"octets", "Content-Type: application/octet-stream; name=postacert.eml\r\n", innerMessage, true},
	}
	for _, c := range cases {
		e := scan(t, "Content-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\r\n\r\n--out\r\n"+c.header+"\r\n"+c.body+"\r\n--out--\r\n")
		part := e.Parts[1]
		in, err := part.Message(mime.Form{}, nil)
		require.NoError(t, err, c.name)
		require.Equal(t, "in", in.Header.Get("Subject"), c.name)
		require.Equal(t, "2.1", in.Path, c.name)
		require.Equal(t, "2.1.1", in.Parts[0].Path, c.name)
		require.Equal(t, "one", read(t, in.Parts[0], in.Parts[0].Body), c.name)
		require.Equal(t, innerMessage, read(t, in, in.Raw), c.name)
		require.Equal(t, c.own, in.Source() != e.Source(), c.name)
	}
	bad := scan(t, "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAAA")
	_, err := bad.Message(mime.Form{}, nil)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "a message that cannot be decoded is an error")
}

var wordCases = []struct{ in, want, reason string }{
	{"plain = ? text", "plain = ? text", "nothing to decode"},
	{"=?utf-8?Q?perch=C3=A8_no?=", "perchè no", "Q"},
	{"=?UTF-8?b?cGVyY2jDqA==?=", "perchè", "B"},
	{"=?utf-8?b?cGVyY2jDqA?=", "perchè", "B without padding"},
	{"a =?utf-8?q?b?= c", "a b c", "between text"},
	{"=?utf-8?q?a?= =?utf-8?q?b?=\t=?iso-8859-1?q?=E8?=", "abè", "white space between words goes"},
	{"=?utf-8?q?a?= x =?utf-8?q?b?=", "a x b", "white space beside text stays"},
	{"=?utf-8?b?w6?= =?utf-8?b?qA==?=", "è", "a character cut in half"},
	{"=?utf-8?q?=C3?= =?utf-8?q?=A8?=", "è", "a character cut in half"},
	{"=?utf-8?q?=C3?= =?iso-8859-1?q?=E8?=", "\ufffdè", "not across character sets"},
	{"=?utf-8*it?q?si?=", "si", "language (RFC 2231 §5)"},
	{"x=?utf-8?q?a?=y", "xay", "inside a word, which the norm forbids"},
	{"=?x-unknown?q?=E8?= b", "=?x-unknown?q?=E8?= b", "unknown character set"},
	{"=?utf-8?x?abc?=", "=?utf-8?x?abc?=", "unknown encoding"},
	{"=?utf-8?b?*?=", "=?utf-8?b?*?=", "not base64"},
	{"=?utf-8?q?a", "=?utf-8?q?a", "no end"},
	{"=?=?utf-8?q?a?=", "=?a", "a start inside a start"},
	{"=?utf-8?q?a b?=", "a b", "blanks inside, which the norm forbids"},
	{"=?utf-8?q?=ff=?=", "\ufffd=", "not UTF-8, and a sign alone"},
	{"=?utf-8?q??=", "", "nothing"},
}

func TestDecodeWords(t *testing.T) {
	t.Parallel()
	for _, c := range wordCases {
		require.Equal(t, c.want, mime.DecodeWords(c.in), "%q: %s", c.in, c.reason)
	}
}

var addressCases = []struct {
	in, reason string
	want       []mime.Address
	err        string
}{
	{"a@example.it", "bare", []mime.Address{{"", "a@example.it"}}, ""},
	{`"Rossi, Mario" <m@pec.example.it>, b@example.it`, "a comma in quotes", []mime.Address{{"Rossi, Mario", "m@pec.example.it"}, {"", "b@example.it"}}, ""},
	{`"Per conto di: a@example.it" <posta-certificata@pec.example.it>`, "as RFC 6109 §3.1.1 has it", []mime.Address{{"Per conto di: a@example.it", "posta-certificata@pec.example.it"}}, ""},
	{`Per conto di: a@example.it <posta-certificata@pec.example.it>`, "without the quotes", []mime.Address{{"Per conto di: a@example.it", "posta-certificata@pec.example.it"}}, ""},
	{`"Per conto di: =?utf-8?Q?a=40example.it?=" <posta-certificata@pec.example.it>`, "an encoded word in quotes", []mime.Address{{"Per conto di: a@example.it", "posta-certificata@pec.example.it"}}, ""},
	{`=?iso-8859-1?Q?Citt=E0?= <c@pec.example.it>`, "an encoded word", []mime.Address{{"Città", "c@pec.example.it"}}, ""},
	{`=?x-unknown?Q?x?= <c@pec.example.it>`, "one of an unknown character set", []mime.Address{{"=?x-unknown?Q?x?=", "c@pec.example.it"}}, ""},
	{"undisclosed-recipients:;", "a group without members", nil, ""},
	{"Undisclosed recipients:", "the same, cut", nil, ""},
	{"Ufficio: a@example.it, B <b@example.it>;, c@example.it", "a group", []mime.Address{{"", "a@example.it"}, {"B", "b@example.it"}, {"", "c@example.it"}}, ""},
	{"Ufficio: a@example.it, b@example.it", "a group that does not end", []mime.Address{{"", "a@example.it"}, {"", "b@example.it"}}, ""},
	{"a@example.it; b@example.it;", "semicolons, as Outlook writes", []mime.Address{{"", "a@example.it"}, {"", "b@example.it"}}, ""},
	{"Mario Rossi m@example.it", "no brackets", []mime.Address{{"Mario Rossi", "m@example.it"}}, ""},
	{"Mario Rossi <m@example.it", "no closing bracket", []mime.Address{{"Mario Rossi", "m@example.it"}}, ""},
	{`"Mario Rossi <m@example.it>, b@example.it`, "no closing quote", []mime.Address{{`"Mario Rossi`, "m@example.it"}, {"", "b@example.it"}}, ""},
	{"<a@example.it> <b@example.it>", "no comma", []mime.Address{{"", "a@example.it"}, {"", "b@example.it"}}, ""},
	{"a@example.it b@example.it", "no comma", []mime.Address{{"", "a@example.it"}, {"", "b@example.it"}}, ""},
	{"a@example.it <b@example.it>", "an address for a name", []mime.Address{{"a@example.it", "b@example.it"}}, ""},
	{"<<a@example.it>>", "brackets twice", []mime.Address{{"", "a@example.it"}}, ""},
	{"a@example.it (Mario)", "a comment for a name", []mime.Address{{"Mario", "a@example.it"}}, ""},
	{"Mario.Rossi [PEC] <m@example.it>", "characters that need quotes", []mime.Address{{"Mario.Rossi [PEC]", "m@example.it"}}, ""},
	{`"a \" b" x <m@example.it>; "y" <n@example.it>`, "escapes", []mime.Address{{`"a \" b" x`, "m@example.it"}, {"y", "n@example.it"}}, ""},
	{"Mario Rossi, b@example.it", "what is no address is named", []mime.Address{{"", "b@example.it"}}, `"Mario Rossi"`},
	{"<>, b@", "nor is this", nil, `"<>"`},
	{"mailto:a@example.it", "a scheme", []mime.Address{{"", "a@example.it"}}, ""},
	{"perch\xe8 <a@example.it>", "bytes of no known character set", []mime.Address{{"perch\xe8", "a@example.it"}}, ""},
	{"", "nothing", nil, ""},
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range addressCases {
		got, err := mime.Addresses(c.in)
		require.Equal(t, c.want, got, "%q: %s", c.in, c.reason)
		if c.err == "" {
			require.NoError(t, err, c.in)
		} else {
			require.ErrorContains(t, err, c.err)
		}
	}
}

// An address given as text survives every way of writing a list around it.
func TestAddressesFindsEach(t *testing.T) {
	t.Parallel()
	wrap := []string{"%s", "<%s>", "Nome <%s>", "\"No, me\" <%s>", "Per conto di: x@example.it <%s>", "Nome, <%s>", "(commento) <%s>", "Gruppo: %s;"}
	for _, a := range wrap {
		for _, b := range wrap {
			list := fmt.Sprintf(a, "uno@pec.example.it") + ", " + fmt.Sprintf(b, "due@pec.example.it")
			got, _ := mime.Addresses(list)
			var addrs []string
			for _, g := range got {
				addrs = append(addrs, g.Addr)
			}
			require.Equal(t, []string{"uno@pec.example.it", "due@pec.example.it"}, addrs, list)
		}
	}
}

// requireLent asks for the same once more, as Lend gives it.
func requireLent(t testing.TB, e *mime.Entity, form mime.Form, limit int64, want []byte, wantErr error) {
	t.Helper()
	calls := 0
	e.Lend(form, limit, func(got []byte, err error) {
		calls++
		require.True(t, bytes.Equal(want, got), "%s in form %+v: %q is lent, %q is the content", e.Encoding, form, got, want)
		require.Equal(t, wantErr, err)
	})
	require.Equal(t, 1, calls)
}

// What was lent is gone afterwards: whoever keeps it must not see another message.
func TestLendWipes(t *testing.T) {
	t.Parallel()
	for encoding, body := range map[string]string{"base64": "YWJj\r\n", "quoted-printable": "abc", "7bit": "abc"} {
		for _, form := range allForms {
			var kept []byte
			scan(t, "Content-Transfer-Encoding: "+encoding+"\r\n\r\n"+body).Lend(form, 10, func(b []byte, err error) {
				require.NoError(t, err)
				require.Equal(t, "abc", string(b))
				kept = b
			})
			require.Equal(t, make([]byte, 3), kept, encoding)
		}
	}
}

// Content is what Open gives, whatever the encoding holds.
func TestContentIsWhatOpenGives(t *testing.T) {
	t.Parallel()
	for _, body := range []string{
		"", "\r\n", "YWJj", "YWJj\r\n", "YWJj\nYWI=\n", "YWI", "YWJj=", "YWI=\r\n\r\n", "YW JjYWJj", "YW*Jj", "YWI=YWJj", "Y", "====", "YWJjY",
		">From YWJj\r\n", "=E8=\r\nx", "a b=20\r\nc=3D=\r\nd\r\n", "a \r\nb", "a=\nb", "a=3d", "a= \r\n", "a\rb", "a=", "a=4", "a  b\tc\n", "a ",
		strings.Repeat("lunga ", 400) + "\r\n", strings.Repeat("YWJj\r\n", 20_000),
	} {
		for _, encoding := range []string{"7bit", "base64", "quoted-printable", "x-unknown"} {
			for _, form := range allForms {
				for _, limit := range []int64{0, 2, 3, 4, 1 << 20} {
					e := scan(t, "Content-Transfer-Encoding: "+encoding+"\r\n\r\n"+body)
					want, wantErr := io.ReadAll(io.LimitReader(e.Open(form), limit+1))
					got, err := e.Content(form, limit)
					requireLent(t, e, form, limit, got, err)
					if limit == 1<<20 {
						require.Equal(t, wantErr == nil, err == nil, "%s: %q", encoding, body)
					}
					if wantErr == nil {
						require.NoError(t, err)
						require.Equal(t, string(want), string(got), "%s: %q", encoding, body)
					}
				}
			}
		}
	}
}
