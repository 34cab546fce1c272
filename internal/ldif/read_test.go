package ldif_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/ldif"
)

// read returns all records of an input, and the error that ended it.
func read(t testing.TB, input string, l ldif.Limits) ([]*ldif.Record, error) {
	t.Helper()
	return readFrom(t, strings.NewReader(input), l)
}

func readFrom(t testing.TB, in io.Reader, l ldif.Limits) ([]*ldif.Record, error) {
	t.Helper()
	var all []*ldif.Record
	for r, err := range ldif.Records(in, l) {
		if err != nil {
			require.Nil(t, r)
			return all, err
		}
		all = append(all, r)
	}
	return all, nil
}

// show writes records in one line each: DN, attributes, and defects.
func show(all []*ldif.Record) []string {
	var out []string
	for _, r := range all {
		s := r.DN
		for _, a := range r.Attributes {
			s += "|" + strings.Join(append([]string{a.Name}, a.Options...), ";") + "=" + string(a.Value)
		}
		for _, d := range r.Defects {
			s += "!" + string(d.Code)
		}
		out = append(out, s)
	}
	return out
}

// inputs are read to their ends, whatever is wrong with their records.
var inputs = []struct {
	name, reason, input string
	want                []string
}{
	{"one", "a name and a value", "dn: o=a\no: a\n", []string{"o=a|o=a"}},
	{"empty", "no records is no error", "", nil},
	{"version", "version: 1 is the format", "version: 1\ndn: o=a\no: a\n", []string{"o=a|o=a"}},
	{"version apart", "a blank line may follow it", "version:1\n\ndn: o=a\no: a\n", []string{"o=a|o=a"}},
	{"version later", "elsewhere it means nothing", "dn: o=a\nversion: 1\no: a\n", []string{"o=a|o=a!version-place"}},
	{"two", "a blank line parts records", "dn: o=a\no: a\n\n\ndn: o=b\no: b\n", []string{"o=a|o=a", "o=b|o=b"}},
	{"CRLF", "lines end in CRLF, too", "dn: o=a\r\no: a\r\n\r\ndn: o=b\r\no: b\r\n", []string{"o=a|o=a", "o=b|o=b"}},
	{"no line end", "the last line may lack its end", "dn: o=a\no: a", []string{"o=a|o=a"}},
	{"comments", "a comment is no line, nor what continues it", "# x\n  y: z\ndn: o=a\n# c\n d\no: a\n", []string{"o=a|o=a"}},
	{"folded", "one space goes away, others stay", "dn: o=a\no: a\n b\n  c\n", []string{"o=a|o=ab c"}},
	{"folded name", "a name can be folded", "dn: o=a\nmail\n Receipt: x\n", []string{"o=a|mailReceipt=x"}},
	{"value on the next line", "as in the examples of RFC 6109", "dn: o=a\no:\n x\n", []string{"o=a|o=x"}},
	{"base64", "two colons", "dn:: bz1h\no:: Y2lhbw==\n", []string{"o=a|o=ciao"}},
	{"base64 folded", "joined before it is decoded", "dn: o=a\no::\n Y2l\n hbw==\n", []string{"o=a|o=ciao"}},
	{"empty values", "a value may be empty", "dn: o=a\no:\no: \no::\n", []string{"o=a|o=|o=|o="}},
	{"colons", "the first colon decides", "dn: o=a\nurl: https://x\n", []string{"o=a|url=https://x"}},
	{"options", "options belong to the name", "dn: o=a\nc;binary;x-y:: AA==\n", []string{"o=a|c;binary;x-y=\x00"}},
	{"OID", "a name may be an OID", "dn: o=a\n1.3.6.1: x\n", []string{"o=a|1.3.6.1=x"}},
	{"many values", "each is one attribute, in order", "dn: o=a\no: b\nx: 1\no: c\n", []string{"o=a|o=b|x=1|o=c"}},
	{"root", "the empty name is a name", "dn:\no: a\n", []string{"|o=a"}},

	{"URL", "nothing is fetched or opened", "dn: o=a\no:< file:///etc/passwd\nx: 1\n", []string{"o=a|x=1!url-value"}},
	{"URL in the name", "nor for a name", "dn:< file:///etc/hostname\nx: 1\n", []string{"|x=1!url-value!no-dn"}},
	{"no blank line", "the name begins a record all the same", "dn: o=a\no: a\ndn: o=b\no: b\n", []string{"o=a|o=a", "o=b|o=b!no-blank-line"}},
	{"no DN", "a record without a name", "o: a\nx: 1\n", []string{"|o=a|x=1!no-dn"}},
	{"no colon", "the other lines count", "dn: o=a\nwhat\no: a\n", []string{"o=a|o=a!no-colon"}},
	{"bad name", "names are letters, digits and hyphens", "dn: o=a\nü: 1\na_b: 2\n: 3\na;: 4\n1.: 5\no: a\n",
		[]string{"o=a|o=a!attribute-name!attribute-name!attribute-name!attribute-name!attribute-name"}},
	{"bad base64", "the value is lost, the record is not", "dn: o=a\nc:: ###\no: a\n", []string{"o=a|o=a!base64"}},
	{"stray bits", "base64 with bits that no value has", "dn: o=a\nc:: YWJ=\no: a\n", []string{"o=a|o=a!base64"}},
	{"stray fold", "nothing to continue", " x\ndn: o=a\no: a\n", []string{"!no-dn!stray-fold", "o=a|o=a!no-blank-line"}},
	{"not ASCII", "kept, and told", "dn: o=è\no: è\n", []string{"o=è|o=è!not-ascii!not-ascii"}},
	{"byte-order mark", "kept out of the first name", "\xef\xbb\xbfdn: o=a\no: a\n", []string{"o=a|o=a!byte-order-mark"}},
	{"change", "not read, and the next one is", "dn: o=a\nchangetype: delete\n-\nx\n\ndn: o=b\no: b\n", []string{"o=a!change-record", "o=b|o=b"}},
	{"change without a blank line", "the next record is not lost with it", "dn: o=a\nchangetype: add\no: a\ndn: o=b\no: b\n",
		[]string{"o=a!change-record", "o=b|o=b!no-blank-line"}},
	{"control", "only change records have controls", "dn: o=a\ncontrol: 1.2 true\nchangetype: delete\n", []string{"o=a!change-record"}},
	{"change later", "what stood before it is not read either", "dn: o=a\no: a\nchangetype: add\n", []string{"o=a!change-record"}},
}

func TestRecords(t *testing.T) {
	t.Parallel()
	for _, c := range inputs {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			all, err := read(t, c.input, ldif.Limits{})
			require.NoError(t, err)
			require.Equal(t, c.want, show(all), c.reason)
		})
	}
}

func TestLineNumbers(t *testing.T) {
	t.Parallel()
	all, err := read(t, "version: 1\n# c\n\ndn: o=a\no: a\n b\nbad\nx: 1\n\n\ndn: o=b\n", ldif.Limits{})
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, 4, all[0].Line)
	require.Equal(t, 5, all[0].Attributes[0].Line)
	require.Equal(t, 8, all[0].Attributes[1].Line)
	require.Equal(t, 7, all[0].Defects[0].Line)
	require.Equal(t, `line 7: a line without a colon ("bad")`, all[0].Defects[0].String())
	require.Equal(t, 11, all[1].Line)
}

const one = "dn: o=a\no: a\n\n"

// bounded are inputs with limits that they just keep, and just do not.
var bounded = []struct {
	name, reason  string
	input         string
	within, below ldif.Limits
}{
	{ldif.LimitSize, "bytes of the input", one, ldif.Limits{Size: 14}, ldif.Limits{Size: 13}},
	{ldif.LimitLine, "bytes of a line without its end", one, ldif.Limits{Line: 7}, ldif.Limits{Line: 6}},
	{ldif.LimitLine, "joined", "dn: o=a\no: a\n b\n c\n", ldif.Limits{Line: 7}, ldif.Limits{Line: 6}},
	{ldif.LimitLine, "joined, without the space of the fold", "dn: a\r\n b\r\n", ldif.Limits{Line: 6}, ldif.Limits{Line: 5}},
	{ldif.LimitRecords, "records", one + one, ldif.Limits{Records: 2}, ldif.Limits{Records: 1}},
	{ldif.LimitValues, "values of one record", "dn: o=a\no: a\no: b\no: c\n", ldif.Limits{Values: 3}, ldif.Limits{Values: 2}},
}

func TestLimits(t *testing.T) {
	t.Parallel()
	for _, c := range bounded {
		t.Run(c.name+", "+c.reason, func(t *testing.T) {
			t.Parallel()
			_, err := read(t, c.input, c.within)
			require.NoError(t, err)
			_, err = read(t, c.input, c.below)
			limit, ok := errors.AsType[*ldif.LimitError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.name, limit.Limit)
			require.Positive(t, limit.Line)
		})
	}
}

// TestDefaultLimits finds the defaults at their documented values.
func TestDefaultLimits(t *testing.T) {
	t.Parallel()
	within := "dn: o=a\no: " + strings.Repeat("a", ldif.MaxLine-3)
	all, err := read(t, within, ldif.Limits{})
	require.NoError(t, err)
	require.Len(t, all[0].Attributes[0].Value, ldif.MaxLine-3)
	_, err = read(t, within+"a", ldif.Limits{})
	require.ErrorContains(t, err, "a line is longer than 1048576 bytes")

	records := strings.Repeat("dn:\n\n", ldif.MaxRecords)
	all, err = read(t, records, ldif.Limits{})
	require.NoError(t, err)
	require.Len(t, all, ldif.MaxRecords)
	_, err = read(t, records+"dn:\n", ldif.Limits{})
	require.ErrorContains(t, err, "more than 100000 records")

	_, err = read(t, "dn:\n"+strings.Repeat("a:\n", ldif.MaxValues), ldif.Limits{})
	require.NoError(t, err)
	_, err = read(t, "dn:\n"+strings.Repeat("a:\n", ldif.MaxValues+1), ldif.Limits{})
	require.ErrorContains(t, err, "more than 1000000 values")

	comments := func(n int64) error {
		for range ldif.Records(io.LimitReader(endless("#"+strings.Repeat("x", 1022)+"\n"), n), ldif.Limits{}) {
			return errors.New("it yields")
		}
		return nil
	}
	require.NoError(t, comments(ldif.MaxSize))
	require.Error(t, comments(ldif.MaxSize+1))
}

// endless repeats a text.
type endless string

func (e endless) Read(b []byte) (int, error) {
	n := 0
	for n+len(e) <= len(b) {
		n += copy(b[n:], e)
	}
	return n, nil
}

func TestVersionOfAnotherFormat(t *testing.T) {
	t.Parallel()
	_, err := read(t, "version: 2\ndn: o=a\n", ldif.Limits{})
	version, ok := errors.AsType[*ldif.VersionError](err)
	require.True(t, ok)
	require.Equal(t, "2", version.Version)
	require.ErrorContains(t, err, `version "2" is not known`)
}

func TestManyDefectsAreCounted(t *testing.T) {
	t.Parallel()
	all, err := read(t, "dn: o=a\n"+strings.Repeat("x\n", 250), ldif.Limits{})
	require.NoError(t, err)
	require.Len(t, all[0].Defects, 100)
	require.Equal(t, 150, all[0].More)
}

func TestReaderErrors(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk on fire")
	in := io.MultiReader(strings.NewReader("dn: o=a\no: a\n\ndn: o=b\n"), iotest.ErrReader(broken))
	var names []string
	var last error
	for r, err := range ldif.Records(in, ldif.Limits{}) {
		if err != nil {
			last = err
			break
		}
		names = append(names, r.DN)
	}
	require.ErrorIs(t, last, broken)
	require.Equal(t, []string{"o=a"}, names, "a record that was cut off is not yielded")
}

func TestStopsWhenAsked(t *testing.T) {
	t.Parallel()
	count := 0
	for range ldif.Records(endless("dn: o=a\n\n"), ldif.Limits{}) {
		if count++; count == 3 {
			break
		}
	}
	require.Equal(t, 3, count)
}

func TestSmallReads(t *testing.T) {
	t.Parallel()
	const input = "dn: o=a\r\no: a\r\n b\r\n\r\ndn: o=b\r\nx:: AAAA\r\n"
	want, err := read(t, input, ldif.Limits{})
	require.NoError(t, err)
	var got []*ldif.Record
	for r, err := range ldif.Records(iotest.OneByteReader(strings.NewReader(input)), ldif.Limits{}) {
		require.NoError(t, err)
		got = append(got, r)
	}
	require.Equal(t, want, got)
}

func TestAttribute(t *testing.T) {
	t.Parallel()
	a := ldif.Attribute{Name: "providerCertificate", Options: []string{"Binary"}}
	require.True(t, a.Is("PROVIDERCERTIFICATE"))
	require.False(t, a.Is("providerCertificateHash"))
	require.True(t, a.HasOption("binary"))
	require.False(t, a.HasOption("lang-it"))
	require.False(t, ldif.Attribute{Name: "\u212a"}.Is("k"), "the Kelvin sign is no k here")
}
