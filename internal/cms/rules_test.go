package cms_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/cms"
)

// rule is one edit of a good signature and what is found in it.
type rule struct {
	name     string
	reason   string
	edit     func(d *document)
	keep     bool   // the value is not made anew after the edit
	profile  string // "opaque"; otherwise detached
	problems []string
	notes    []string
	digest   string // code of CheckDigest with the digest of the content
	signers  string // code of Signers; default: the first of problems
	found    bool   // Signers returns the signer all the same
}

func (r rule) run(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	r.edit(d)
	if !r.keep {
		d.sort()
		d.resign()
	}
	profile := cms.Detached
	if r.profile == "opaque" {
		profile = cms.Opaque
	}
	s := d.parse(t, profile)
	if r.problems == nil {
		r.problems = []string{}
	}
	require.Equal(t, r.problems, codes(s.Problems), r.reason)
	require.Equal(t, r.digest, code(s.CheckDigest(sum256(content))), "CheckDigest")
	found, problem := s.Signers()
	if r.signers == "" && len(r.problems) > 0 {
		r.signers = r.problems[0]
	}
	require.Equal(t, r.signers, code(problem), "Signers")
	require.Equal(t, r.found || problem == nil, len(found) > 0, "certificates found")
	var notes []string
	for _, n := range s.Notes {
		notes = append(notes, n.Code)
	}
	require.Equal(t, r.notes, notes)
	for _, p := range s.Problems {
		require.GreaterOrEqual(t, p.Offset, 0, "%s: DER has offsets", p.Code)
	}
}

var contentRules = []rule{
	{name: "good", reason: "what go.mozilla.org/pkcs7 writes is good", edit: func(d *document) {}, keep: true},
	{
		name: "content inside a detached signature", reason: "two contents, and only one of them is shown",
		edit:     func(d *document) { d.content().add(group(0xa0, octets([]byte("other")))) },
		problems: []string{cms.CodeContentPresent}, found: true,
	},
	{
		name: "the signed content inside as well", reason: "the profile says absent",
		edit:     func(d *document) { d.content().add(group(0xa0, octets(content))) },
		problems: []string{cms.CodeContentPresent}, found: true,
	},
	{
		name: "empty content inside", reason: "present and empty is not absent",
		edit:     func(d *document) { d.content().add(group(0xa0, octets(nil))) },
		problems: []string{cms.CodeContentPresent}, found: true,
	},
	{
		name: "opaque", reason: "the content is inside, as the profile says", profile: "opaque",
		edit: func(d *document) { d.content().add(group(0xa0, octets(content))) },
	},
	{
		name: "opaque without content", reason: "nothing there to show", profile: "opaque",
		edit:     func(d *document) {},
		problems: []string{cms.CodeContentAbsent}, digest: cms.CodeContentAbsent, found: true,
	},
	{
		name: "time-stamp token", reason: "a token reused as the signature of a mail",
		edit: func(d *document) {
			d.content().kids[0] = oid(tstInfo)
			d.attribute(contentType).kids[0] = oid(tstInfo)
		},
		problems: []string{cms.CodeContentType}, found: true,
	},
	{
		name: "contentType says another type", reason: "attribute and eContentType must agree",
		edit:     func(d *document) { d.attribute(contentType).kids[0] = oid(tstInfo) },
		problems: []string{cms.CodeAttributeContentType}, found: true,
	},
}

func TestContent(t *testing.T) {
	t.Parallel()
	for _, r := range contentRules {
		t.Run(r.name, r.run)
	}
}

var signerRules = []rule{
	{name: "SignedData version 3", reason: "writers differ", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 3) }},
	{name: "SignedData version 4", reason: "writers differ", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 4) }},
	{name: "SignedData version 5", reason: "writers differ", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 5) }},
	{
		name: "SignedData version 2", reason: "never defined", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 2) },
		problems: []string{cms.CodeVersion}, found: true,
	},
	{
		name: "SignedData version -1", reason: "never defined", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 0xff) },
		problems: []string{cms.CodeVersion}, found: true,
	},
	{
		name: "SignedData version 257", reason: "only the last octet is 1", edit: func(d *document) { d.signedData().kids[0] = leaf(2, 1, 1) },
		problems: []string{cms.CodeVersion}, found: true,
	},
	{
		name: "no signer", reason: "certificates alone sign nothing", keep: true,
		edit:     func(d *document) { d.signers().kids = nil },
		problems: []string{cms.CodeNoSigner}, digest: cms.CodeNoSigner,
	},
	{
		name: "two signers", reason: "a PEC message has one", keep: true,
		edit:     func(d *document) { d.signers().add(d.signer().clone()) },
		problems: []string{cms.CodeTwoSigners}, digest: cms.CodeTwoSigners,
	},
	{
		name: "SignerInfo version 3 with issuer and serial", reason: "RFC 5652 §5.3 ties version and form", keep: true,
		edit:     func(d *document) { d.signer().kids[0] = leaf(2, 3) },
		problems: []string{cms.CodeSignerVersion}, found: true,
	},
	{
		name: "SignerInfo version 1 with key identifier", reason: "RFC 5652 §5.3 ties version and form", keep: true,
		edit:     func(d *document) { d.signer().kids[1] = leaf(0x80, 1, 2, 3, 4) },
		problems: []string{cms.CodeSignerVersion}, found: true,
	},
	{
		name: "key identifier", reason: "the other form of SignerIdentifier", keep: true,
		edit: func(d *document) { d.signer().kids[0], d.signer().kids[1] = leaf(2, 3), leaf(0x80, 1, 2, 3, 4) },
	},
	{
		name: "key identifier of nobody", reason: "no certificate has it", keep: true,
		edit:    func(d *document) { d.signer().kids[0], d.signer().kids[1] = leaf(2, 3), leaf(0x80, 1, 2, 3, 5) },
		signers: cms.CodeNoCertificate,
	},
	{
		name: "empty key identifier", reason: "certificates without the extension are not meant", keep: true,
		edit:    func(d *document) { d.signer().kids[0], d.signer().kids[1] = leaf(2, 3), leaf(0x80) },
		signers: cms.CodeNoCertificate,
	},
}

func TestSignerInfo(t *testing.T) {
	t.Parallel()
	for _, r := range signerRules {
		t.Run(r.name, r.run)
	}
}

var attributeRules = []rule{
	{
		name: "no signed attributes", reason: "a value over the bare content proves nothing", keep: true,
		edit:     func(d *document) { d.signer().remove(3) },
		problems: []string{cms.CodeNoAttributes}, digest: cms.CodeNoAttributes,
	},
	{
		name: "empty signed attributes", reason: "the same in another form",
		edit:     func(d *document) { d.attributes().kids = nil },
		problems: []string{cms.CodeEmptyAttributes}, digest: cms.CodeEmptyAttributes,
	},
	{
		name: "messageDigest missing", reason: "nothing ties the content to the value",
		edit:     func(d *document) { d.attributes().remove(d.index(messageDigest)) },
		problems: []string{cms.CodeAttributeMissing}, digest: cms.CodeAttributeMissing, found: true,
	},
	{
		name: "contentType missing", reason: "RFC 5652 §5.3 demands it",
		edit:     func(d *document) { d.attributes().remove(d.index(contentType)) },
		problems: []string{cms.CodeAttributeMissing}, found: true,
	},
	{
		name: "signingTime missing", reason: "it is optional",
		edit: func(d *document) { d.attributes().remove(d.index(signingTime)) },
	},
	{
		name: "messageDigest twice", reason: "of two neither is believed",
		edit:     func(d *document) { d.attributes().add(d.attributes().kids[d.index(messageDigest)].clone()) },
		problems: []string{cms.CodeAttributeRepeated}, digest: cms.CodeAttributeRepeated, found: true,
	},
	{
		name: "contentType twice", reason: "of two neither is believed",
		edit:     func(d *document) { d.attributes().add(d.attributes().kids[d.index(contentType)].clone()) },
		problems: []string{cms.CodeAttributeRepeated}, found: true,
	},
	{
		name: "signingTime twice", reason: "of two neither is believed",
		edit:     func(d *document) { d.attributes().add(d.attributes().kids[d.index(signingTime)].clone()) },
		problems: []string{cms.CodeAttributeRepeated}, found: true,
	},
	{
		name: "messageDigest with two values", reason: "the same in one SET",
		edit:     func(d *document) { d.attribute(messageDigest).add(octets(make([]byte, 32))) },
		problems: []string{cms.CodeAttributeValues}, digest: cms.CodeAttributeValues, found: true,
	},
	{
		name: "messageDigest without value", reason: "an empty SET",
		edit:     func(d *document) { d.attribute(messageDigest).kids = nil },
		problems: []string{cms.CodeAttributeValues}, digest: cms.CodeAttributeValues, found: true,
	},
	{
		name: "messageDigest is no octet string", reason: "malformed",
		edit:     func(d *document) { d.attribute(messageDigest).kids[0].tag = 0x0c },
		problems: []string{cms.CodeAttributeMalformed}, digest: cms.CodeAttributeMalformed, found: true,
	},
	{
		name: "messageDigest empty", reason: "as short as no digest is",
		edit:   func(d *document) { d.attribute(messageDigest).kids[0].body = nil },
		digest: cms.CodeDigest,
	},
	{
		name: "messageDigest cut", reason: "a prefix is not the digest",
		edit: func(d *document) {
			v := d.attribute(messageDigest).kids[0]
			v.body = v.body[:31]
		},
		digest: cms.CodeDigest,
	},
	{
		name: "contentType is no object identifier", reason: "malformed",
		edit:     func(d *document) { d.attribute(contentType).kids[0] = null() },
		problems: []string{cms.CodeAttributeMalformed}, found: true,
	},
	{
		name: "unknown attributes", reason: "RFC 5652 §5.3: any may be there, twice too, with any number of values",
		edit: func(d *document) {
			d.attributes().add(attribute(unknownOID), attribute(unknownOID, null(), null()), attribute(smimeCapabilities, sequence()))
		},
	},
	{
		name: "unsorted, signed sorted", reason: "the signer hashed DER and wrote something else", keep: true,
		edit: func(d *document) {
			d.sort()
			d.resign()
			d.attributes().insert(0, d.attributes().kids[2])
			d.attributes().remove(3)
		},
		notes: []string{cms.NoteUnsorted},
	},
	{
		name: "unsorted, signed as it stands", reason: "the signer hashed what it wrote", keep: true,
		edit: func(d *document) {
			d.sort()
			d.attributes().insert(0, d.attributes().kids[2])
			d.attributes().remove(3)
			d.resign()
		},
		notes: []string{cms.NoteWireOrder},
	},
	{
		name: "value wrong", reason: "one bit of it differs", keep: true,
		edit:    func(d *document) { d.value().body[100] ^= 1 },
		signers: cms.CodeSignature,
	},
	{
		name: "attribute changed after signing", reason: "the value is over another one", keep: true,
		edit:    func(d *document) { d.attribute(messageDigest).kids[0].body[0] ^= 1 },
		digest:  cms.CodeDigest,
		signers: cms.CodeSignature,
	},
	{
		name: "attribute added after signing", reason: "the value is over fewer", keep: true,
		edit:    func(d *document) { d.attributes().add(attribute(smimeCapabilities, sequence())) },
		signers: cms.CodeSignature,
	},
}

func TestAttributes(t *testing.T) {
	t.Parallel()
	for _, r := range attributeRules {
		t.Run(r.name, r.run)
	}
}

// TestStrippedAttributes is the attack on RFC 5652: the signed attributes of
// one message, passed off as the content of another, verify under the same
// value. It works on OpenSSL and on go.mozilla.org/pkcs7.
func TestStrippedAttributes(t *testing.T) {
	t.Parallel()
	d := newDocument(t, rsaSigner())
	forged := d.attributes().der()
	forged[0] = 0x31
	d.signer().remove(3)
	s := d.parse(t, cms.Detached)
	require.Equal(t, []string{cms.CodeNoAttributes}, codes(s.Problems))
	require.Equal(t, cms.CodeNoAttributes, code(s.CheckDigest(sum256(forged))))
	found, problem := s.Signers()
	require.Equal(t, cms.CodeNoAttributes, code(problem))
	require.Empty(t, found)
	require.Nil(t, s.SignedAttributes())
}

const utc, generalized = 0x17, 0x18

// signingTimes are values of the attribute signingTime.
var signingTimes = []struct {
	tag    byte
	text   string
	want   string // RFC 3339, "" if refused
	reason string
}{
	{utc, "261122003000Z", "2026-11-22T00:30:00Z", "the usual form"},
	{utc, "491231235959Z", "2049-12-31T23:59:59Z", "the last year of UTCTime"},
	{utc, "500101000000Z", "1950-01-01T00:00:00Z", "50 and above are 19xx"},
	{utc, "240229120000Z", "2024-02-29T12:00:00Z", "a leap day"},
	{generalized, "20500101000000Z", "2050-01-01T00:00:00Z", "what UTCTime cannot say"},
	{generalized, "20261122003000Z", "2026-11-22T00:30:00Z", "unambiguous, though UTCTime is prescribed"},
	{utc, "2611220030Z", "", "without seconds"},
	{utc, "261122003000+0100", "", "an offset"},
	{utc, "261122003000", "", "no zone"},
	{utc, "2611220030001", "", "as long as with a zone"},
	{generalized, "2026112200300z0", "", "as long as with a zone"},
	{generalized, "20261122003000z", "", "the wrong case"},
	{utc, "261322003000Z", "", "month 13"},
	{utc, "260022003000Z", "", "month 0"},
	{utc, "250229003000Z", "", "no leap year"},
	{utc, "261122243000Z", "", "hour 24"},
	{utc, "261122003060Z", "", "second 60"},
	{utc, "2611220030 0Z", "", "a space"},
	{utc, "26112200300-1", "", "a sign"},
	{utc, "20261122003000Z", "", "four digits of year"},
	{generalized, "261122003000Z", "", "two digits of year"},
	{generalized, "20261122003000.5Z", "", "a fraction"},
	{0x0c, "261122003000Z", "", "a string"},
	{utc, "", "", "nothing"},
}

func TestSigningTime(t *testing.T) {
	t.Parallel()
	for _, c := range signingTimes {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			d.attribute(signingTime).kids[0] = leaf(c.tag, []byte(c.text)...)
			d.sort()
			d.resign()
			s := d.parse(t, cms.Detached)
			if c.want == "" {
				require.Equal(t, []string{cms.CodeSigningTime}, codes(s.Problems), c.reason)
				require.True(t, s.SigningTime.IsZero())
				return
			}
			require.Empty(t, s.Problems, c.reason)
			require.Equal(t, c.want, s.SigningTime.Format("2006-01-02T15:04:05Z07:00"))
		})
	}
}

// structures are edits after which nothing can be read.
var structures = []struct {
	name, reason, code string
	edit               func(d *document)
}{
	{"EnvelopedData", "encrypted, not signed", cms.CodeNotSignedData, func(d *document) { d.root.kids[0] = oid(envelopedData) }},
	{"empty object identifier", "malformed", cms.CodeMalformed, func(d *document) { d.root.kids[0].body = nil }},
	{"object identifier of padding", "malformed", cms.CodeMalformed, func(d *document) { d.content().kids[0].body = []byte{0x2a, 0x80, 1} }},
	{"a SET outside", "unexpected tag", cms.CodeMalformed, func(d *document) { d.root.tag = 0x31 }},
	{"no SignedData", "ContentInfo without content", cms.CodeMalformed, func(d *document) { d.root.remove(1) }},
	{"two in [0]", "EXPLICIT holds one", cms.CodeMalformed, func(d *document) { d.root.kids[1].add(null()) }},
	{"no version", "a field is missing", cms.CodeMalformed, func(d *document) { d.signedData().remove(0) }},
	{"field [2] in SignedData", "unexpected tag", cms.CodeMalformed, func(d *document) { d.signedData().insert(4, group(0xa2)) }},
	{"certificates after crls", "out of order", cms.CodeMalformed, func(d *document) { d.signedData().insert(3, group(0xa1)) }},
	{"signerInfos a SEQUENCE", "unexpected tag", cms.CodeMalformed, func(d *document) { d.signers().tag = 0x30 }},
	{"NULL among the signers", "unexpected tag", cms.CodeMalformed, func(d *document) { d.signers().add(null()) }},
	{"content is no octet string", "unexpected tag", cms.CodeMalformed, func(d *document) { d.content().add(group(0xa0, sequence())) }},
	{"two contents", "EXPLICIT holds one", cms.CodeMalformed, func(d *document) { d.content().add(group(0xa0, octets(nil), octets(nil))) }},
	{"sid [1]", "unexpected tag", cms.CodeMalformed, func(d *document) { d.signer().kids[1] = leaf(0x81, 1) }},
	{"sid with three fields", "not consumed", cms.CodeMalformed, func(d *document) { d.signer().kids[1].add(null()) }},
	{"algorithm with three fields", "not consumed", cms.CodeMalformed, func(d *document) { d.signer().kids[2].add(null(), null()) }},
	{"announced algorithm malformed", "unexpected tag", cms.CodeMalformed, func(d *document) { d.announced().add(null()) }},
	{"attributes with tag [2]", "unexpected tag", cms.CodeMalformed, func(d *document) { d.attributes().tag = 0xa2 }},
	{"NULL among the attributes", "unexpected tag", cms.CodeMalformed, func(d *document) { d.attributes().add(null()) }},
	{"attribute with three fields", "not consumed", cms.CodeMalformed, func(d *document) { d.attributes().kids[0].add(null()) }},
	{"attribute values a SEQUENCE", "unexpected tag", cms.CodeMalformed, func(d *document) { d.attributes().kids[0].kids[1].tag = 0x30 }},
	{"value a bit string", "unexpected tag", cms.CodeMalformed, func(d *document) { d.value().tag = 3 }},
}

// TestStructure holds C7: what cannot be read at all.
func TestStructure(t *testing.T) {
	t.Parallel()
	for _, c := range structures {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDocument(t, rsaSigner())
			c.edit(d)
			s, err := cms.Parse(d.root.der(), cms.Detached)
			require.Nil(t, s)
			problem, ok := err.(*cms.Problem)
			require.True(t, ok, "%v", err)
			require.Equal(t, c.code, problem.Code, c.reason)
			require.Equal(t, cms.CheckStructure, problem.Check)
		})
	}
}

var trailingRules = []rule{
	{
		name: "ContentInfo", reason: "a third field", keep: true,
		edit:     func(d *document) { d.root.add(null()) },
		problems: []string{cms.CodeTrailingFields}, found: true,
	},
	{
		name: "SignedData", reason: "a field after signerInfos", keep: true,
		edit:     func(d *document) { d.signedData().add(null()) },
		problems: []string{cms.CodeTrailingFields}, found: true,
	},
	{
		name: "SignerInfo", reason: "a field after the last", keep: true,
		edit:     func(d *document) { d.signer().add(null()) },
		problems: []string{cms.CodeTrailingFields}, found: true,
	},
	{
		name: "SignerInfo after unsigned attributes", reason: "a field after the last", keep: true,
		edit:     func(d *document) { d.signer().add(group(0xa1), null()) },
		problems: []string{cms.CodeTrailingFields}, found: true,
	},
	{
		name: "unsigned attributes", reason: "anything may be there", keep: true,
		edit: func(d *document) { d.signer().add(group(0xa1, attribute(unknownOID, null()), null())) },
	},
	{
		name: "several at once", reason: "Problems come in the order of Codes", keep: true,
		edit: func(d *document) {
			d.root.add(null())
			d.signedData().kids[0] = leaf(2, 99)
			d.content().add(group(0xa0, octets(nil)))
		},
		problems: []string{cms.CodeContentPresent, cms.CodeVersion, cms.CodeTrailingFields}, found: true,
	},
}

func TestTrailingFields(t *testing.T) {
	t.Parallel()
	for _, r := range trailingRules {
		t.Run(r.name, r.run)
	}
}
