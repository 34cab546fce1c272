package cms

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return b
}

// scans are elements in hexadecimal, and what is said of them.
var scans = []struct {
	in     string
	code   string // "" if well formed
	offset int
	der    bool
	reason string
}{
	{"05 00", "", 0, true, "a primitive"},
	{"30 00", "", 0, true, "an empty sequence"},
	{"30 04 30 00 05 00", "", 0, true, "nested"},
	{"1f 1f 00", "", 0, true, "tag 31"},
	{"1f ff ff ff 7f 00", "", 0, true, "the largest tag number that is read"},
	{"30 80 00 00", "", 0, false, "indefinite length"},
	{"30 80 30 80 00 00 05 00 00 00", "", 0, false, "indefinite in indefinite"},
	{"30 06 30 80 05 00 00 00", "", 0, false, "indefinite in definite"},
	{"30 81 02 05 00", "", 0, false, "length longer than it needs"},
	{"30 84 00 00 00 02 05 00", "", 0, false, "leading zeros in the length"},
	{"24 03 04 01 41", "", 0, false, "constructed string"},
	{"30 05 24 03 04 01 41", "", 0, false, "constructed string inside"},

	{"", CodeTruncated, 0, false, "nothing"},
	{"30", CodeTruncated, 0, false, "no length"},
	{"1f 80", CodeBERTag, 0, false, "tag number with padding"},
	{"1f 05", CodeBERTag, 0, false, "tag number below 31 in the long form"},
	{"1f 81", CodeTruncated, 0, false, "tag number cut"},
	{"1f 1f", CodeTruncated, 0, false, "no length after a long tag"},
	{"1f 81 80 80 80 01 00", CodeBERTag, 0, false, "tag number of 35 bits"},
	{"30 81", CodeTruncated, 0, false, "length cut"},
	{"30 84 01", CodeTruncated, 0, false, "length cut"},
	{"30 ff 00", CodeBERLength, 0, false, "reserved length"},
	{"04 80 00 00", CodeBERLength, 0, false, "primitive with indefinite length"},
	{"30 88 7f ff ff ff ff ff ff ff 00", CodeTruncated, 0, false, "length of 63 bits"},
	{"30 89 01 00 00 00 00 00 00 00 00 00", CodeTruncated, 0, false, "length of 65 bits"},
	{"30 01 05", CodeTruncated, 2, false, "element longer than what holds it"},
	{"30 02 04 01", CodeTruncated, 2, false, "element longer than what holds it"},
	{"30 04 30 03 05 00", CodeTruncated, 2, false, "element longer than what holds it, though the input is not"},
	{"30 80 05 00", CodeTruncated, 4, false, "end-of-contents missing"},
	{"30 80", CodeTruncated, 2, false, "end-of-contents missing"},
	{"30 04 30 80 05 00 00 00", CodeTruncated, 6, false, "end-of-contents outside of what it should close"},
	{"00 00", CodeBEREnd, 0, false, "end-of-contents alone"},
	{"30 02 00 00", CodeBEREnd, 2, false, "end-of-contents in a definite length"},
	{"30 80 00 01 00 00 00", CodeBEREnd, 2, false, "end-of-contents with contents"},
	{"30 80 20 00 00 00", CodeBEREnd, 2, false, "end-of-contents constructed"},
	{"05 00 00", CodeTrailing, 2, false, "one octet behind"},
	{"30 80 00 00 30", CodeTrailing, 4, false, "one octet behind"},
}

func TestScan(t *testing.T) {
	t.Parallel()
	for _, c := range scans {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			der, problem := scan(unhex(t, c.in), MaxSize)
			if c.code == "" {
				require.Nil(t, problem, c.reason)
				require.Equal(t, c.der, der)
				return
			}
			require.NotNil(t, problem, c.reason)
			require.Equal(t, c.code, problem.Code, c.reason)
			require.Equal(t, c.offset, problem.Offset)
			require.Equal(t, CheckEncoding, problem.Check)
		})
	}
}

var long = strings.Repeat("41", 200)

// conversions are elements in BER and the same in DER.
var conversions = []struct {
	in, out, reason string
}{
	{"30 80 00 00", "30 00", "empty"},
	{"30 80 30 80 00 00 05 00 00 00", "30 04 30 00 05 00", "nested"},
	{"30 82 00 02 05 00", "30 02 05 00", "length shortened"},
	{"bf 1f 80 05 00 00 00", "bf 1f 02 05 00", "long tag kept"},
	{"30 80 04 81 03 41 42 43 00 00", "30 05 04 03 41 42 43", "length inside shortened"},
	{"30 80 04 81 c8" + long + "00 00", "30 81 cb 04 81 c8" + long, "length of two octets"},
	{"24 80 00 00", "04 00", "empty string"},
	{"24 80 04 01 41 04 00 04 02 42 43 00 00", "04 03 41 42 43", "segments joined"},
	{"24 08 24 03 04 01 41 04 01 42", "04 02 41 42", "segments in segments"},
	{"a0 80 24 80 04 01 41 00 00 00 00", "a0 03 04 01 41", "in explicit tag"},
	{"23 80 03 02 00 41 03 02 04 f0 00 00", "03 03 04 41 f0", "bit string, unused bits of the last segment"},
	{"23 80 00 00", "03 01 00", "empty bit string"},
	{"2c 80 04 01 41 04 01 42 00 00", "0c 02 41 42", "UTF8String of octet strings"},
	{"a4 80 04 01 41 00 00", "a4 03 04 01 41", "context-specific: not a string that is known"},
	{"30 80 31 08 04 02 42 42 04 02 41 41 00 00", "30 0a 31 08 04 02 42 42 04 02 41 41", "sets are not sorted"},
}

// strange are strings whose segments cannot be joined.
var strange = []struct {
	in, reason string
	offset     int
}{
	{"24 80 05 00 00 00", "NULL in an octet string", 2},
	{"24 80 03 01 00 00 00", "bit string in an octet string", 2},
	{"2c 80 0c 01 41 00 00", "UTF8String in a UTF8String", 2},
	{"23 80 04 01 41 00 00", "octet string in a bit string", 2},
	{"23 80 03 02 04 f0 03 02 00 41 00 00", "unused bits before the last segment", 6},
	{"23 80 03 00 00 00", "bit string without its first octet", 2},
	{"23 80 03 02 08 00 00 00", "eight unused bits", 2},
	{"24 80 84 01 41 00 00", "context-specific segment", 2},
	{"30 80 24 80 24 80 0c 00 00 00 00 00 00 00", "two levels down", 6},
}

func TestToDER(t *testing.T) {
	t.Parallel()
	for _, c := range conversions {
		t.Run(c.in[:min(40, len(c.in))], func(t *testing.T) {
			t.Parallel()
			in := unhex(t, c.in)
			der, problem := scan(in, MaxSize)
			require.Nil(t, problem)
			require.False(t, der)
			out, problem := toDER(in)
			require.Nil(t, problem, c.reason)
			require.Equal(t, unhex(t, c.out), out, c.reason)
		})
	}
	for _, c := range strange {
		t.Run(c.in, func(t *testing.T) {
			t.Parallel()
			in := unhex(t, c.in)
			_, problem := scan(in, MaxSize)
			require.Nil(t, problem)
			_, problem = toDER(in)
			require.NotNil(t, problem, c.reason)
			require.Equal(t, CodeBERString, problem.Code)
			require.Equal(t, c.offset, problem.Offset)
		})
	}
}

// nest writes so many levels around nothing.
func nest(levels int, indefinite bool) []byte {
	var b []byte
	for range levels {
		if indefinite {
			b = append(append([]byte{0x30, 0x80}, b...), 0, 0)
			continue
		}
		var err error
		b, err = asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: b})
		if err != nil {
			panic(err)
		}
	}
	return b
}

func TestDepthLimit(t *testing.T) {
	t.Parallel()
	for _, indefinite := range []bool{false, true} {
		_, problem := scan(nest(MaxDepth, indefinite), MaxSize)
		require.Nil(t, problem, "just at the limit")
		_, problem = scan(nest(MaxDepth+1, indefinite), MaxSize)
		require.NotNil(t, problem, "just above")
		require.Equal(t, CodeTooDeep, problem.Code)
	}
	out, problem := toDER(nest(MaxDepth, true))
	require.Nil(t, problem)
	require.Equal(t, nest(MaxDepth, false), out)
}

func TestSizeLimit(t *testing.T) {
	t.Parallel()
	for size, want := range map[int]string{MaxSize: "", MaxSize + 1: CodeTooLarge} {
		b := make([]byte, size)
		n := size - 5
		copy(b, []byte{4, 0x83, byte(n >> 16), byte(n >> 8), byte(n)})
		_, problem := scan(b, MaxSize)
		if want == "" {
			require.Nil(t, problem)
		} else {
			require.NotNil(t, problem)
			require.Equal(t, want, problem.Code)
		}
	}
}

// walkDER reads b with encoding/asn1, which accepts DER lengths only.
func walkDER(b []byte) error {
	for len(b) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(b, &v)
		if err != nil {
			return err
		}
		if v.IsCompound {
			if v.Class == asn1.ClassUniversal && v.Tag != asn1.TagSequence && v.Tag != asn1.TagSet && (header{id: 0x20 | byte(v.Tag)}).constructedString() && v.Tag < 31 {
				return fmt.Errorf("constructed string with tag %d", v.Tag)
			}
			if err := walkDER(v.Bytes); err != nil {
				return err
			}
		}
		b = rest
	}
	return nil
}

// FuzzBER: what scan passes converts into DER that encoding/asn1 can walk, DER
// is left as it is, and converting again changes nothing.
func FuzzBER(f *testing.F) {
	for _, s := range []string{
		"3080308000000500 0000", "24800401410400040242430000", "2380030200410302 04f00000",
		"30840000000205 00", "bf1f8005000000", "30060500240204 00", "30820002 0500", "0500",
	} {
		f.Add(unhex(f, s))
	}
	for _, c := range scans {
		f.Add(unhex(f, c.in))
	}
	for _, c := range conversions {
		f.Add(unhex(f, c.in))
	}
	for _, c := range strange {
		f.Add(unhex(f, c.in))
	}
	f.Add(nest(MaxDepth, true))
	f.Add(nest(MaxDepth+1, true))
	f.Fuzz(func(t *testing.T, b []byte) {
		before := bytes.Clone(b)
		der, problem := scan(b, MaxSize)
		if problem != nil {
			return
		}
		out, problem := toDER(b)
		require.Equal(t, before, b, "the input is left alone")
		if problem != nil {
			require.False(t, der, "DER always converts")
			require.Equal(t, CodeBERString, problem.Code, "nothing else is left to find")
			return
		}
		require.Equal(t, der, bytes.Equal(b, out), "DER is what converting does not change")
		require.LessOrEqual(t, len(out), len(b)+4*MaxDepth)
		require.NoError(t, walkDER(out))
		again, problem := scan(out, MaxSize)
		require.Nil(t, problem)
		require.True(t, again)
	})
}
