package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
)

func TestParse(t *testing.T) {
	t.Parallel()
	at := time.Date(2024, 3, 15, 10, 30, 0, 0, time.FixedZone("", 3600))
	for _, c := range []struct {
		reason string
		args   []string
		want   config
	}{
		{"a file", []string{"a.eml"}, config{files: []string{"a.eml"}}},
		{"files as given, standard input among them", []string{"b.eml", "-", "a.eml"}, config{files: []string{"b.eml", "-", "a.eml"}}},
		{"one dash or two", []string{"-json", "--strict", "a"}, config{json: true, strict: true, files: []string{"a"}}},
		{"a value after = or after a space", []string{"-extract=out", "-to", "a@b.it", "a"}, config{extract: "out", to: "a@b.it", files: []string{"a"}}},
		{"a value with = in it", []string{"-trust=a=b.pem", "a"}, config{trust: []string{"a=b.pem"}, files: []string{"a"}}},
		{"a value that starts with a dash", []string{"-extract=-out", "a"}, config{extract: "-out", files: []string{"a"}}},
		{"trust is repeatable", []string{"-trust", "x.pem", "-trust", "agid", "a"}, config{trust: []string{"x.pem", "agid"}, files: []string{"a"}}},
		{"sent is repeatable", []string{"-sent", "x.eml", "-sent=y.eml", "a"}, config{sent: []string{"x.eml", "y.eml"}, files: []string{"a"}}},
		{"a time", []string{"-at", "2024-03-15T10:30:00+01:00", "a"}, config{at: at, files: []string{"a"}}},
		{"now", []string{"-at", "now", "a"}, config{atNow: true, files: []string{"a"}}},
		{"kinds", []string{"-kind", "avvenuta-consegna,accettazione", "a"}, config{kinds: []pec.Kind{pec.KindDelivery, pec.KindAcceptance}, files: []string{"a"}}},
		{"bytes", []string{"-max-size", "1000", "a"}, config{maxSize: 1000, files: []string{"a"}}},
		{"kibibytes", []string{"-max-size", "3k", "a"}, config{maxSize: 3 << 10, files: []string{"a"}}},
		{"mebibytes", []string{"-max-size", "600M", "a"}, config{maxSize: 600 << 20, files: []string{"a"}}},
		{"gibibytes", []string{"-max-size", "2G", "a"}, config{maxSize: 2 << 30, files: []string{"a"}}},
		{"after -- everything is a file", []string{"-q", "--", "-json", "--", "-"}, config{quiet: true, files: []string{"-json", "--", "-"}}},
		{"extract with its flags", []string{"-extract", "o", "-force", "-extract-uncertified", "a"}, config{extract: "o", force: true, extractUncertified: true, files: []string{"a"}}},
		{"the rest", []string{"-legacy", "-second-opinion", "a"}, config{legacy: true, secondOpinion: true, files: []string{"a"}}},
		{"language", []string{"-lang", "it", "a"}, config{lang: pec.Italian, langGiven: true, files: []string{"a"}}},
		{"version", []string{"-version"}, config{version: true, files: []string{}}},
		{"help in a language", []string{"-h", "-lang=it"}, config{help: true, lang: pec.Italian, langGiven: true, files: []string{}}},
		{"an empty name is a file that does not exist", []string{""}, config{files: []string{""}}},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			got, err := parse(c.args, pec.English)
			require.Nil(t, err)
			if c.want.lang == "" {
				c.want.lang = pec.English
			}
			require.True(t, c.want.at.Equal(got.at))
			c.want.at, got.at = time.Time{}, time.Time{}
			require.Equal(t, c.want, got)
		})
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		args   []string
		want   string // in English
	}{
		{"nothing", nil, "no FILE given"},
		{"flags only", []string{"-json"}, "no FILE given"},
		{"unknown flag", []string{"-x", "a"}, "no such flag: -x (a file of that name is ./-x)"},
		{"unknown flag with a value", []string{"-password=x", "a"}, "no such flag: -password=x"},
		{"outside text in it", []string{"-\x1b[2J\u202e", "a"}, `no such flag: -\x1b[2J\u{202e}`},
		{"a flag behind a file", []string{"a", "-json"}, "flags come before FILE: -json (a file of that name is ./-json)"},
		{"an unknown flag behind a file", []string{"a", "-trust=evil.eml"}, "flags come before FILE"},
		{"no value", []string{"-extract"}, "-extract needs a value"},
		{"an empty value", []string{"-extract=", "a"}, "-extract needs a value"},
		{"another flag for a value", []string{"-extract", "-json", "a"}, "-extract needs a value"},
		{"a value where none goes", []string{"-json=false", "a"}, "-json takes no value"},
		{"twice", []string{"-at", "now", "-at", "2024-03-15T10:30:00+01:00", "a"}, "-at given twice"},
		{"a switch twice", []string{"-q", "-q", "a"}, "-q given twice"},
		{"three dashes", []string{"---json", "a"}, "no such flag: ---json"},
		{"strict and legacy", []string{"-strict", "-legacy", "a"}, "-strict and -legacy contradict each other"},
		{"json and quiet", []string{"-q", "-json", "a"}, "-json and -q contradict each other"},
		{"force alone", []string{"-force", "a"}, "-force means nothing without -extract"},
		{"extract-uncertified alone", []string{"-extract-uncertified", "a"}, "-extract-uncertified means nothing without -extract"},
		{"standard input twice", []string{"-", "a", "-"}, "standard input (-) given twice"},
		{"another language", []string{"-lang", "de", "a"}, "-lang is it or en, not de"},
		{"a date alone", []string{"-at", "2024-03-15", "a"}, "-at is now or a time such as 2024-03-15T10:30:00+01:00, not 2024-03-15"},
		{"a time without offset", []string{"-at", "2024-03-15T10:30:00", "a"}, "-at is now or a time"},
		{"the zero time, which means none", []string{"-at", "0001-01-01T00:00:00Z", "a"}, "-at is now or a time"},
		{"a kind that certifies nothing", []string{"-kind", "anomalia", "a"}, "-kind knows posta-certificata, accettazione"},
		{"a kind in other letters", []string{"-kind", "Accettazione", "a"}, "not Accettazione"},
		{"an empty kind in a list", []string{"-kind", "accettazione,", "a"}, "-kind knows"},
		{"no address", []string{"-to", "pec.example.it", "a"}, "-to is one address"},
		{"two addresses", []string{"-to", "a@b.it,c@d.it", "a"}, "-to is one address"},
		{"size zero", []string{"-max-size", "0", "a"}, "-max-size is a number"},
		{"negative size", []string{"-max-size=-1", "a"}, "-max-size is a number"},
		{"size without number", []string{"-max-size", "M", "a"}, "-max-size is a number"},
		{"size past 63 bits", []string{"-max-size", "8589934592G", "a"}, "-max-size is a number"},
		{"size in another unit", []string{"-max-size", "5T", "a"}, "-max-size is a number"},
		{"help among others: a file can have that name", []string{"-h", "a.eml"}, "-h and -version stand alone"},
		{"version with a flag", []string{"-version", "-json"}, "-h and -version stand alone"},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			_, err := parse(c.args, pec.English)
			require.NotNil(t, err)
			require.Contains(t, err.text(pec.English), c.want)
			require.NotEqual(t, err.text(pec.English), err.text(pec.Italian))
			require.NotContains(t, err.text(pec.Italian)+err.Error(), "%!")
		})
	}
}

func TestErrorsAreSaidInTheLanguageAskedFor(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-x", "-lang", "it", "a"}, {"-lang=it", "-x"}, {"--lang", "it"}} {
		c, err := parse(args, pec.English)
		require.NotNil(t, err)
		require.Equal(t, pec.Italian, c.lang, "%q", args)
	}
	c, err := parse([]string{"-x", "--", "-lang", "it"}, pec.English)
	require.NotNil(t, err)
	require.Equal(t, pec.English, c.lang, "that is a file")
}

func TestUsageNamesEveryFlag(t *testing.T) {
	t.Parallel()
	for _, l := range []pec.Lang{pec.English, pec.Italian} {
		for _, f := range flagSpecs {
			if f.name != "help" {
				require.Regexp(t, `(?m)^  -`+f.name+`\b`, usage(l), "%s, %s", f.name, l)
			}
		}
		require.NotContains(t, usage(l), "\t")
		for line := range strings.Lines(usage(l)) {
			require.LessOrEqual(t, utf8.RuneCountInString(line), 81, "80 columns: %s", line)
		}
	}
}

func TestPolicy(t *testing.T) {
	t.Parallel()
	require.Equal(t, pec.PolicyDefault, (&config{}).policy())
	require.Equal(t, pec.PolicyStrict, (&config{strict: true}).policy())
	require.Equal(t, pec.PolicyLegacy, (&config{legacy: true}).policy())
}

func TestKindsAskedForAreTheEightThatCertify(t *testing.T) {
	t.Parallel()
	require.Len(t, certifying, 8)
	for _, k := range certifying {
		require.True(t, k.Certifies(), k)
	}
}

func TestSameAddress(t *testing.T) {
	t.Parallel()
	require.True(t, sameAddress("Destinatario@PEC.Example.IT", "destinatario@pec.example.it"))
	require.False(t, sameAddress("destinatario@pec.example.it", "altro@pec.example.it"))
	require.False(t, sameAddress("de\u017ftinatario@pec.example.it", "destinatario@pec.example.it"), "a long s is no s")
	require.False(t, sameAddress("\u212aappa@pec.example.it", "kappa@pec.example.it"), "a Kelvin sign is no k")
}

func TestWantsColour(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		env    map[string]string
		want   bool
	}{
		{"a terminal of today", map[string]string{"TERM": "xterm-256color"}, true},
		{"one without colour", map[string]string{"TERM": "dumb"}, false},
		{"no word of it", nil, false},
		{"Windows Terminal", map[string]string{"WT_SESSION": "1"}, true},
		{"not wanted", map[string]string{"TERM": "xterm", "NO_COLOR": "1"}, false},
		{"set and empty is not set", map[string]string{"TERM": "xterm", "NO_COLOR": ""}, true},
	} {
		require.Equal(t, c.want, wantsColour(func(k string) string { return c.env[k] }), c.reason)
	}
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		env    map[string]string
		want   pec.Lang
	}{
		{"nothing set", nil, pec.English},
		{"Italian", map[string]string{"LANG": "it_IT.UTF-8"}, pec.Italian},
		{"Italian of Switzerland, short and odd forms", map[string]string{"LANG": "IT-ch"}, pec.Italian},
		{"only the language", map[string]string{"LANG": "it"}, pec.Italian},
		{"with a modifier", map[string]string{"LANG": "it@euro"}, pec.Italian},
		{"starts like it", map[string]string{"LANG": "itx_XX"}, pec.English},
		{"LC_ALL before the others", map[string]string{"LC_ALL": "C", "LC_MESSAGES": "it_IT", "LANG": "it_IT"}, pec.English},
		{"LC_MESSAGES before LANG", map[string]string{"LC_MESSAGES": "it_IT", "LANG": "en_US"}, pec.Italian},
		{"set and empty is not set", map[string]string{"LC_ALL": "", "LANG": "it_IT"}, pec.Italian},
	} {
		require.Equal(t, c.want, locale(func(k string) string { return c.env[k] }), c.reason)
	}
}
