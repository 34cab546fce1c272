package pec

import (
	"bytes"
	"crypto"
	"fmt"
	"io"
	"slices"

	"github.com/gopec/gopec/internal/cms"
	"github.com/gopec/gopec/internal/mime"
	"github.com/gopec/gopec/smime"
)

// place says where a problem of a lower package is reported.
type place struct {
	id  CheckID
	row row
}

// places maps the rule a problem breaks to the check and row it belongs to.
var places = map[string]place{
	"S":                          {CheckStructure, row3},
	string(cms.CheckEncoding):    {CheckEncoding, row3},
	string(cms.CheckStructure):   {CheckEncoding, row3},
	string(cms.CheckContent):     {CheckContent, row3},
	string(cms.CheckSigner):      {CheckOneSigner, row3},
	string(cms.CheckAttributes):  {CheckAttributes, row3},
	string(cms.CheckValues):      {CheckAttributes, row3},
	string(cms.CheckAlgorithms):  {CheckAlgorithms, row4},
	string(cms.CheckKey):         {CheckAlgorithms, row4},
	string(cms.CheckDigest):      {CheckDigest, row5},
	string(cms.CheckCertificate): {CheckCertificate, row6},
	string(cms.CheckReference):   {CheckCertificate, row6},
	string(cms.CheckSignature):   {CheckValue, row7},
}

// checkSignature reports what the bytes themselves say. The error means that they
// can no longer be read.
func (v *verifier) checkSignature() error {
	v.pass(CheckSignature, phrase{"the layer carries a signature", "il livello è firmato"})
	for _, p := range v.result.Problems {
		v.problem(p)
	}
	data := v.m.signed.Facts()
	if data == nil {
		v.unparsed()
		return nil
	}
	if v.result.Digest != nil {
		v.problem(v.result.Digest)
	}
	if v.result.Signature != nil {
		v.problem(v.result.Signature)
	}
	v.passSignature(data)
	v.checkLines()
	v.checkDigestAge(data)
	return v.checkSecondOpinion()
}

// problem reports one problem. Of several under one check the first stands:
// it is the one that was met first in the bytes.
func (v *verifier) problem(p *smime.Problem) {
	at, ok := places[p.Rule]
	if !ok {
		at = place{CheckEncoding, row3}
	}
	if p.Code == smime.CodeNothing || v.failed(at.id) {
		return
	}
	words, args := problemWords(p)
	v.fail(at.id, at.row, words, args...)
}

// unparsed reports a signature of which nothing can be read. At least one
// problem says why, whichever it is.
func (v *verifier) unparsed() {
	reason := phrase{"not checked: the signature cannot be read", "non verificato: la firma non è leggibile"}
	if !v.failed(CheckStructure) {
		v.passStructure()
	}
	for _, id := range []CheckID{CheckEncoding, CheckContent, CheckOneSigner, CheckAttributes, CheckAlgorithms, CheckDigest,
		CheckLines, CheckDigestAge, CheckCertificate, CheckValue, CheckSecondOpinion} {
		if !v.failed(id) {
			v.skip(id, reason)
		}
	}
	if len(v.result.Problems) == 0 { // cannot happen; must not pass if it does
		v.fail(CheckEncoding, row3, reason)
	}
}

func (v *verifier) passSignature(data *smime.Facts) {
	if !v.failed(CheckStructure) {
		v.passStructure()
	}
	v.passUnlessFailed(CheckEncoding, encoded(data))
	v.passUnlessFailed(CheckContent, phrase{"what is signed is the mail part, and nothing else", "è firmata la parte del messaggio, e nient'altro"})
	v.passUnlessFailed(CheckOneSigner, phrase{"one signer", "un solo firmatario"})
	v.skipUnread(data)
	v.passUnlessFailed(CheckAttributes, phrase{"content type and digest are signed, once each", "tipo e impronta del contenuto sono firmati, una volta ciascuno"})
	v.passUnlessFailed(CheckAlgorithms, phrase{"%s with %s", "%s con %s"}, data.SignatureName, data.DigestName)
	v.passUnlessFailed(CheckDigest, phrase{"the signed part has the signed digest: not a byte of it was changed",
		"la parte firmata ha l'impronta firmata: nessun byte è stato modificato"})
	v.passCertificate()
}

// passCertificate reports certificate and value. They pass only together with
// a signer under whose key the value was found good.
func (v *verifier) passCertificate() {
	if len(v.result.Signers) > 0 {
		v.passUnlessFailed(CheckCertificate, phrase{"the signature carries the signer's certificate", "la firma contiene il certificato del firmatario"})
		v.passUnlessFailed(CheckValue, phrase{"the signature value is good under the signer's key", "il valore della firma è corretto con la chiave del firmatario"})
		return
	}
	told := len(v.result.Problems) > 0 || v.failed(CheckAlgorithms) || v.failed(CheckCertificate) || v.failed(CheckValue)
	if !told { // no signer and no reason: must not pass
		v.fail(CheckValue, row7, phrase{"the signature value could not be checked", "il valore della firma non ha potuto essere verificato"})
	}
	for _, id := range []CheckID{CheckCertificate, CheckValue} {
		if !v.failed(id) {
			v.skip(id, phrase{"not checked: an earlier check failed", "non verificato: una verifica precedente è fallita"})
		}
	}
}

// skipUnread marks what was not looked at because something before it failed:
// without exactly one signer there are no attributes and algorithms to judge,
// and without those no digest. None of it may look as if it had passed.
func (v *verifier) skipUnread(data *smime.Facts) {
	unread := phrase{"not checked: an earlier check failed", "non verificato: una verifica precedente è fallita"}
	if data.DigestName == "" { // no signer was read
		v.skip(CheckAttributes, unread)
		v.skip(CheckAlgorithms, unread)
	}
	if v.result.Digest != nil && !v.failed(CheckDigest) {
		v.skip(CheckDigest, unread)
	}
}

// passUnlessFailed passes a check that has no outcome yet.
func (v *verifier) passUnlessFailed(id CheckID, words phrase, args ...any) {
	if v.findings[position[id]] == nil {
		v.pass(id, words, args...)
	}
}

func encoded(data *smime.Facts) phrase {
	if data.BER {
		return phrase{"one CMS SignedData, encoded in BER", "una struttura CMS SignedData, codificata in BER"}
	}
	return phrase{"one CMS SignedData, encoded in DER", "una struttura CMS SignedData, codificata in DER"}
}

// passStructure reports the shape of the signed mail. What stands around the
// signed part is not signed; content there, or a message that breaks off after
// its signature, needs attention though the signature holds.
func (v *verifier) passStructure() {
	e := v.m.entity
	switch {
	case hasDefect(e, "content-type-duplicate"):
		// A program that takes the other type shows parts that no signature
		// covers. No provider writes two.
		v.fail(CheckStructure, row3, phrase{"the message states its structure twice, differently (Content-Type): programs may show other parts than the signed one",
			"il messaggio dichiara due volte la propria struttura, in modo diverso (Content-Type): alcuni programmi possono mostrare parti diverse da quella firmata"})
	case v.m.signed.Opaque:
		v.pass(CheckStructure, phrase{"the message is inside its signature", "il messaggio è contenuto nella firma"})
	case !e.Closed:
		v.warn(CheckStructure, phrase{"the message breaks off after its signature: the closing boundary is missing",
			"il messaggio si interrompe dopo la firma: manca il delimitatore di chiusura"})
	case hasText(e, e.Epilogue()):
		v.warn(CheckStructure, phrase{"there is text after the signature, which is not signed", "dopo la firma c'è del testo, che non è firmato"})
	case v.ambiguous() != "":
		v.warn(CheckStructure, phrase{"programs may read the structure of this message in different ways (%s)",
			"programmi diversi possono leggere in modo diverso la struttura di questo messaggio (%s)"}, v.ambiguous())
	default:
		v.pass(CheckStructure, phrase{"signed part and signature, as the norm has them", "parte firmata e firma, come vuole la norma"})
	}
}

// hasText reports whether a range holds more than white space, in its first
// 64 KiB.
func hasText(e *mime.Entity, s mime.Section) bool {
	if s.Length == 0 {
		return false
	}
	b, err := io.ReadAll(io.LimitReader(e.Reader(s, mime.Form{}), 64<<10))
	return err != nil || len(bytes.TrimSpace(b)) > 0
}

func hasDefect(e *mime.Entity, id string) bool {
	return slices.ContainsFunc(e.Defects, func(d mime.Defect) bool { return d.ID == id })
}

// ambiguous names a defect of the carrier or the signed part about which mail
// programs disagree: what they show may not be what is signed.
func (v *verifier) ambiguous() string {
	seen := func(e *mime.Entity) string {
		for _, d := range e.Defects {
			switch d.ID {
			case "bom", "boundary-prefix", "content-type-duplicate", "encoding-duplicate", "header-line", "nul", "bare-cr":
				return d.ID
			case "encoding": // of a multipart: some programs undo it, and see other parts
				if len(e.Parts) > 0 {
					return d.ID
				}
			}
		}
		return ""
	}
	if id := seen(v.m.entity); id != "" {
		return id
	}
	for e := range v.m.signed.Content().All {
		if isMail(e) && e.Path != v.m.signed.Content().Path {
			continue
		}
		if id := seen(e); id != "" {
			return id
		}
	}
	return ""
}

// checkLines says in which form of the bytes the digest matched.
func (v *verifier) checkLines() {
	f := v.result.Form
	switch {
	case v.result.Digest != nil && !v.failed(CheckDigest):
		v.skip(CheckLines, phrase{"not checked: there is no digest to compare", "non verificato: manca un'impronta da confrontare"})
	case v.result.Digest != nil:
		v.skip(CheckLines, phrase{"not checked: the digest differs in every form", "non verificato: l'impronta è diversa in ogni forma"})
	case v.result.Unquoted:
		v.warn(CheckLines, phrase{"the digest matches once the mbox quoting of \"From \" lines is taken off: the file was changed in storage, not in content",
			"l'impronta coincide dopo aver tolto la quotatura mbox delle righe \"From \": il file è stato alterato nella conservazione, non nel contenuto"})
	case v.result.Mixed && f.Canonical:
		v.warn(CheckLines, phrase{"the file mixes line ends; the digest matches with all of them as CRLF", "il file mescola fini riga diversi; l'impronta coincide con tutti convertiti in CRLF"})
	case v.result.Mixed:
		v.pass(CheckLines, phrase{"the file mixes line ends; the digest matches as it stands", "il file mescola fini riga diversi; l'impronta coincide così com'è"})
	case f.Canonical:
		v.pass(CheckLines, phrase{"stored with LF line ends, hashed with CRLF as it was signed", "conservato con fini riga LF, impronta calcolata con CRLF come alla firma"})
	default:
		v.pass(CheckLines, phrase{"hashed as it stands", "impronta calcolata così com'è"})
	}
}

// checkDigestAge judges SHA-1 as a message digest. It is still believed: to
// abuse it one must know before signing what the provider will put in front of
// the content, and the provider chooses identifiers and times.
func (v *verifier) checkDigestAge(data *smime.Facts) {
	switch {
	case v.failed(CheckAlgorithms) || data.Digest == 0:
		v.skip(CheckDigestAge, phrase{"not checked: the algorithm is not accepted", "non verificato: l'algoritmo non è accettato"})
	case data.Digest != crypto.SHA1:
		v.pass(CheckDigestAge, phrase{data.DigestName, data.DigestName}) // a name of our own
	case v.o.Policy == PolicyStrict && v.o.At.IsZero() && v.stamp == nil:
		v.fail(CheckDigestAge, row14Digest, phrase{"the digest is SHA-1, and nothing shows that the message existed before SHA-1 aged",
			"l'impronta è SHA-1 e nulla prova che il messaggio esistesse prima che SHA-1 invecchiasse"})
	default:
		v.warn(CheckDigestAge, phrase{"the digest is SHA-1, which has aged: a forger would have to find a collision with a beginning that the provider chooses, and nobody has shown that",
			"l'impronta è SHA-1, ormai invecchiato: un falsario dovrebbe trovare una collisione con un inizio scelto dal gestore, e nessuno ha dimostrato di poterlo fare"})
	}
}

// checkSecondOpinion asks the other library, if the caller wants it to be.
func (v *verifier) checkSecondOpinion() error {
	if !v.o.SecondOpinion {
		v.skip(CheckSecondOpinion, phrase{"not asked for", "non richiesta"})
		return nil
	}
	if v.result.Err() != nil {
		v.skip(CheckSecondOpinion, phrase{"not asked: the signature is not good already", "non richiesta: la firma risulta già non valida"})
		return nil
	}
	agreed, dissent := v.m.signed.SecondOpinion(v.result)
	switch {
	case agreed:
		v.pass(CheckSecondOpinion, phrase{"go.mozilla.org/pkcs7 agrees", "go.mozilla.org/pkcs7 concorda"})
	case dissent.Err != nil:
		return fmt.Errorf("pec: %w", dissent.Err)
	case dissent.Unreadable:
		v.skip(CheckSecondOpinion, phrase{"not asked: go.mozilla.org/pkcs7 does not read this form of signature (%s)",
			"non richiesta: go.mozilla.org/pkcs7 non legge questa forma di firma (%s)"}, dissent.Detail)
	default:
		v.fail(CheckSecondOpinion, row15, phrase{"go.mozilla.org/pkcs7 disagrees: %s", "go.mozilla.org/pkcs7 non concorda: %s"}, dissent.Detail)
	}
	return nil
}
