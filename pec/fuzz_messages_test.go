package pec_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// fuzzMessage is a message that FuzzVerifyMutation starts from, with the options
// that belong to it. It is made when it is first used: there are hundreds.
type fuzzMessage struct {
	mail    func() []byte
	options func(t testing.TB, o *pec.VerifyOptions, mail []byte) // nil: none
	facts   func() []verdictAuthentic                             // what it certifies, by whatever policy
	noSeed  bool                                                  // the fuzzer may take it, a run of the seeds does without
}

func newFuzzMessage(make func() []byte, options func(testing.TB, *pec.VerifyOptions, []byte)) fuzzMessage {
	m := fuzzMessage{mail: sync.OnceValue(make), options: options}
	m.facts = sync.OnceValue(func() []verdictAuthentic { return factsOf(m) })
	return m
}

// fuzzMessageOf is a message that is described. Nothing outside its signature is
// needed for its facts to be signed, and a mutation may mend what is: so what it
// would certify without all that counts, too.
func fuzzMessageOf(d testsign.Message, options func(testing.TB, *pec.VerifyOptions, []byte)) fuzzMessage {
	m := newFuzzMessage(d.Bytes, options)
	m.facts = sync.OnceValue(func() []verdictAuthentic {
		bare := m
		bare.mail = outsideNothing(d).Bytes
		return append(factsOf(m), factsOf(bare)...)
	})
	return m
}

// innerFacts are those of the message that stands inside others, where a limit
// may keep it from being read until a mutation takes away what is around it.
var innerFacts = sync.OnceValue(func() []verdictAuthentic { return fuzzMessageOf(outsideInner(), nil).facts() })

// outsideNothing is a message with the same signed part by the same signer, and
// all that is not signed as it should be.
func outsideNothing(d testsign.Message) testsign.Message {
	d.Remove, d.Set, d.Before, d.After = nil, nil, nil, nil
	d.Signature, d.SignaturePart, d.NoSignature, d.Protocol, d.Micalg = nil, testsign.Part{}, false, "", ""
	d.Preamble, d.Epilogue, d.NoClosing = "", "", false
	d.AfterSign, d.Finish = nil, nil
	signer := d.CMS.Signer
	signer.Version, signer.SID, signer.DigestAlgorithm, signer.SignatureAlgorithm = 0, nil, nil, nil
	signer.Signature, signer.WrongSignature = nil, false
	signer.Unsigned, signer.CounterSignedBy, signer.TimeStampedBy, signer.Trailing = nil, nil, nil, nil
	d.CMS = testsign.SignedData{Signer: signer}
	return d
}

// factsOf verifies a message as leniently as can be, and lists what it and the
// layers inside it certify.
func factsOf(m fuzzMessage) []verdictAuthentic {
	o := verdictOptions()
	if m.options != nil {
		m.options(nil, &o, nil)
	}
	mail := m.mail()
	read, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	if err != nil {
		return nil // over a limit
	}
	r, _ := pec.Verify(read, &pec.VerifyOptions{Trust: o.Trust, Policy: pec.PolicyLegacy, Clock: verdictClock(testsign.Instant.AddDate(50, 0, 0))})
	var all []verdictAuthentic
	var list func(r *pec.Report)
	list = func(r *pec.Report) {
		if r.Certified {
			all = append(all, verdictAuthentic{report: r, original: verdictEnclosed(r)})
		}
		for _, in := range r.Layers {
			list(in)
		}
	}
	if r != nil {
		list(r)
	}
	return all
}

// fuzzMessages are the authentic messages first, and then what the tables of the
// tests hold: every way that a message departs from a good one.
var fuzzMessages = sync.OnceValue(func() []fuzzMessage {
	var all []fuzzMessage
	add := func(m testsign.Message, options func(testing.TB, *pec.VerifyOptions, []byte)) {
		all = append(all, fuzzMessageOf(m, options))
	}
	for _, a := range verdictAuthentics() {
		all = append(all, newFuzzMessage(func() []byte { return a.mail }, nil))
	}
	for _, c := range slices.Concat(outsideKindClaimsCases(), outsideReferenceCases(), outsideSecurityAndReceiptTypeCases(), outsideReplyToCases(),
		outsideRecipientsCases(), outsideDateIDAndSenderCases(), outsideFromAddressCases(), outsideDuplicatesCases(), outsideFromNameCases(),
		outsideFromNameOfUnusualSendersCases(), outsideSubjectCases(), outsideDaticertFormsCases(), outsideFrameCases()) {
		add(c.mail, nil)
	}
	for _, c := range slices.Concat(timeCertifiedOutsideTheCertificateCases(), verdictHostileSignaturesCases(), verdictNeighboursCases(), verdictRowsCases()) {
		var options func(testing.TB, *pec.VerifyOptions, []byte)
		if c.options != nil {
			options = func(_ testing.TB, o *pec.VerifyOptions, _ []byte) { c.options(o) }
		}
		add(c.message, options)
	}
	outcomes := map[[4]string]bool{}
	for _, c := range slices.Concat(revocationListCases(), revocationResponseCases()) {
		outcome := [4]string{string(c.state), string(c.status), string(c.sub), string(c.strict)}
		world := sync.OnceValue(func() revocationWorld { return revocationWorldOf(c.signer) })
		all = append(all, newFuzzMessage(func() []byte { return verdictAcceptance(world().signer).Bytes() }, func(t testing.TB, o *pec.VerifyOptions, _ []byte) {
			if t != nil {
				lists, responses := c.evidence(world())
				o.Revocation = revocationData(t, lists, responses)
			}
			if o.Clock = verdictClock(in(60)); !c.now.IsZero() {
				o.Clock = verdictClock(c.now)
			}
		}))
		// How evidence is judged is package revocation's: one of each outcome will do.
		all[len(all)-1].noSeed, outcomes[outcome] = outcomes[outcome], true
	}
	for _, c := range timestampCases() {
		add(c.message, func(t testing.TB, o *pec.VerifyOptions, mail []byte) {
			if t != nil {
				if c.over != nil {
					mail = c.over
				}
				*o = stamped(t, *o, mail, c.at...)
			}
			c.options(o)
		})
	}
	return append(all, fuzzOthers()...)
})

// fuzzOthers are messages for branches that no table has.
func fuzzOthers() []fuzzMessage {
	var all []fuzzMessage
	add := func(m testsign.Message, change func(*testsign.Message)) {
		if change != nil {
			change(&m)
		}
		all = append(all, fuzzMessageOf(m, nil))
	}
	const delivered, timeout = daticert.TypeDelivery, daticert.TypeTimeout
	// Layers, and layers that cannot be read.
	long := outsideInner()
	long.CMS.CertificatesLast = slices.Repeat([][]byte{testsign.NewCircle().Two.DER}, pec.MaxCertificates)
	for _, inner := range [][]byte{outsideInner().Bytes(), long.Bytes(), outsideNest(outsidePlain(""), 20),
		outsidePlain("", outsideBase64("application/octet-stream", "x.eml", outsideInner().Bytes())),
		outsidePlain("", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nAAA=BBB")} {
		add(testsign.Message{Kind: testsign.Anomaly, Original: inner}, nil)
		add(testsign.Message{Kind: daticert.TypeTransport, Original: inner}, nil)
		add(testsign.Message{Kind: daticert.TypeTransport, Original: inner, OriginalPart: testsign.Part{Encoding: "base64"}}, nil)
	}
	for _, text := range []string{"From qui\n", ">From qui\n"} {
		add(testsign.Message{Kind: delivered, TextOnly: true, Text: text}, func(m *testsign.Message) {
			m.AfterSign = func(part []byte) []byte { return bytes.ReplaceAll(part, []byte("\nFrom "), []byte("\n>From ")) }
		})
	}
	add(testsign.Message{Kind: delivered, LineEnds: testsign.LFAlternate, SignAsStored: true}, nil)
	for _, sign := range []string{"\x00", "\r"} {
		add(testsign.Message{Kind: delivered, BeforeSign: func(part []byte) []byte {
			return bytes.Replace(part, []byte("Identificativo"), []byte("Identi"+sign+"ficativo"), 1)
		}}, nil)
	}
	for _, name := range []string{"oggetto", "mittente"} {
		add(outsideXML(delivered, "</"+name+">", "\x16</"+name+">"), nil)
	}
	for _, kind := range []string{"consegna-avvenuta", ""} {
		add(outsideXML(delivered, `tipo="avvenuta-consegna"`, `tipo="`+kind+`"`), nil)
	}
	for _, deep := range []int{14, 15} {
		add(outsideXML(delivered, "</dati>", strings.Repeat("<x>", deep)+strings.Repeat("</x>", deep)+"</dati>"), nil)
	}
	value := outsideDER(0x30, nil)
	for range pec.MaxSignatureDepth {
		value = outsideDER(0x30, value)
	}
	add(outsideUnsigned(value), nil)
	// What a provider's words say of the time, and what nothing says.
	for _, words := range []string{"nelle prime dodici ore", "nelle ventiquattro ore", "5.4.1 - x", "x"} {
		add(testsign.Message{Kind: timeout, Data: daticert.Data{ErrorExtended: words}, Text: "per superamento del tempo massimo\n"}, nil)
	}
	for _, receipt := range []daticert.ReceiptType{daticert.ReceiptBrief, daticert.ReceiptConcise} {
		add(testsign.Message{Kind: delivered, Data: daticert.Data{Receipt: receipt}}, nil)
	}
	for _, kind := range []daticert.Type{delivered, daticert.TypeTransport} {
		add(testsign.Message{Kind: kind, NoOriginal: true}, nil)
	}
	add(testsign.Message{Kind: delivered, Data: daticert.Data{Error: daticert.ErrorOther}}, nil)
	for _, original := range []string{"From: altri@x\r\nTo: altri@x\r\nSubject: altro\r\nMessage-ID: <altro@x>\r\n\r\nx", "Subject: x\r\n\r\nx"} {
		add(testsign.Message{Kind: daticert.TypeTransport, Original: []byte(original)}, nil)
	}
	// No certified time: the signing time, Date, or none.
	for _, m := range []testsign.Message{verdictUncertified(nil), {Kind: testsign.Anomaly}} {
		add(m, nil)
		add(m, func(m *testsign.Message) { m.CMS = verdictOmit(testsign.OIDSigningTime) })
		add(m, func(m *testsign.Message) {
			m.CMS, m.Remove = verdictOmit(testsign.OIDSigningTime), append(slices.Clone(m.Remove), "Date")
		})
		add(m, func(m *testsign.Message) { m.Set = []testsign.Field{{Name: "Date", Value: strings.Repeat("1", 2000)}} })
	}
	add(verdictAcceptance(nil), func(m *testsign.Message) { m.CMS.Signer.Time = testsign.Instant.Add(11 * time.Minute) })
	// Several recipients, by whose providers a taking in charge is judged.
	const ours, other, nobody = "destinatario@pec.example.com", "x@tre.example.net", "x@nessuno.example.net"
	for _, receptions := range [][]string{{ours, ours}, {ours, nobody}, {nobody, other, ours}, {""}} {
		add(testsign.Message{Kind: daticert.TypeTakingInCharge, Data: daticert.Data{Receptions: receptions}}, nil)
	}
	var many []string
	for i := range 30 {
		many = append(many, strings.Repeat("u", i+1)+"@x")
	}
	add(outsideSet(daticert.TypeTransport, "To", strings.Join(many, ",")), nil)
	// A structure that is stated twice, or stands in a transfer encoding.
	add(outsideAdd(delivered, "Content-Type", "text/plain"), nil)
	add(outsideAdd(delivered, "Content-Transfer-Encoding", "base64"), nil)
	add(testsign.Message{Kind: delivered, CMS: testsign.SignedData{NoCertificates: true}}, nil)
	add(testsign.Message{Kind: delivered, BeforeSign: func(part []byte) []byte { // a text that cannot be decoded
		return bytes.Replace(part, []byte("quoted-printable"), []byte("base64"), 1)
	}}, nil)
	add(testsign.Message{Kind: timeout, TextOnly: true, BeforeSign: func(part []byte) []byte {
		return bytes.Replace(part, []byte("Content-Type: text/plain"), []byte("Content-Transfer-Encoding: base64\r\nContent-Type: text/plain"), 1)
	}}, nil)
	add(testsign.Message{Kind: delivered, ExtraParts: []testsign.Part{{Type: "message/rfc822", Name: "altro.eml", Encoding: "7bit", Body: outsidePlain("")}}}, nil)
	add(testsign.Message{Kind: delivered, BeforeSign: func(part []byte) []byte {
		return bytes.Replace(part, []byte("multipart/alternative"), []byte("multipart/related"), 1)
	}}, nil)
	add(verdictAcceptance(nil), func(m *testsign.Message) {
		m.Opaque, m.BeforeSign = true, func([]byte) []byte { // the limit of parts holds inside an opaque signature, too
			return []byte("Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\n\r\n", 10_000) + "--b--\r\n")
		}
	})
	for _, date := range []string{strings.Repeat("1", 2000), "Tue, 10 Mar 2026 10:15:30 +0100 (CET)", "ieri"} {
		add(outsideSet(delivered, "Date", date), nil)
	}
	add(outsideXML(delivered, "</postacert>", strings.Repeat("<!---->", 100_001)+"</postacert>"), nil)
	add(outsideSet(delivered, "X-Riferimento-Message-ID", "<20260310101412.4F2A11C08E@client.example.it>\x12"), nil)
	stranger := verdictAcceptance(verdictLeafOf(verdictStranger(), testsign.Certificate{}))
	all = append(all, fuzzMessageOf(stranger, func(t testing.TB, o *pec.VerifyOptions, _ []byte) {
		if o.Policy = pec.PolicyStrict; t != nil {
			o.Revocation = revocationData(t, [][]byte{revList(1).SignedBy(testsign.NewCircle().Root)}, nil)
		}
	}))
	// A provider whom people know, under an authority that is believed, and an old key.
	for _, host := range []string{"pec.aruba.it", "certmail.irideos.it", "pec.example.it"} {
		root := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "PEC TEST KNOWN - NO LEGAL VALUE")}.SelfSigned()
		m := verdictAcceptance(verdictLeafOf(root, testsign.Certificate{Addresses: []string{"posta-certificata@" + host}}))
		all = append(all, fuzzMessageOf(m, func(_ testing.TB, o *pec.VerifyOptions, _ []byte) { o.Trust = believeAll(root) }))
	}
	return all
}

func believeAll(anchors ...*testsign.Identity) *trust.Store {
	var certificates []*x509.Certificate
	for _, a := range anchors {
		certificates = append(certificates, a.X509())
	}
	s, err := trust.NewStore(false, certificates...)
	if err != nil {
		panic(err)
	}
	return s
}
