package pec_test

import (
	"crypto/x509"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust/revocation"
)

// revocationWorldOf makes the signer of a case, and those whom the authority
// appoints.
func revocationWorldOf(signer testsign.Certificate) revocationWorld {
	w := revocationWorld{root: testsign.NewCircle().Root, signer: verdictLeaf(signer)}
	w.delegate = testsign.Certificate{Subject: w.root.Subject, KeyType: testsign.P521, KeyUsage: x509.KeyUsageCRLSign, Addresses: []string{}}.IssuedBy(w.root)
	w.responder = testsign.Certificate{
		Subject: testsign.NewName("Gestore Uno S.p.A.", "Responder di prova - NO LEGAL VALUE"), KeyType: testsign.P256,
		ExtKeyUsage: ocspSigning, Extra: []testsign.Extension{testsign.NoCheck()},
	}.IssuedBy(w.root)
	return w
}

// revocationData reads a case's evidence.
func revocationData(t testing.TB, lists, responses [][]byte) *revocation.Data {
	t.Helper()
	d := new(revocation.Data)
	for i, b := range lists {
		require.NoError(t, d.AddCRL(fmt.Sprintf("lista%d.crl", i), b))
	}
	for i, b := range responses {
		require.NoError(t, d.AddOCSP(fmt.Sprintf("risposta%d.ocsp", i), b))
	}
	return d
}

func (c revocationCase) evidence(w revocationWorld) (lists, responses [][]byte) {
	if c.lists != nil {
		lists = c.lists(w)
	}
	if c.responses != nil {
		responses = c.responses(w)
	}
	return lists, responses
}

func (c revocationCase) run(t *testing.T) {
	t.Helper()
	require.NotEmpty(t, c.reason)
	w := revocationWorldOf(c.signer)
	lists, responses := c.evidence(w)
	o := verdictOptions()
	o.Revocation = revocationData(t, lists, responses)
	if c.now.IsZero() {
		c.now = in(60)
	}
	o.Clock = verdictClock(c.now)
	mail := verdictAcceptance(w.signer)
	for policy, sub := range map[pec.Policy]pec.SubIndication{pec.PolicyDefault: c.sub, pec.PolicyStrict: c.strict} {
		o.Policy = policy
		r := verdictOf(t, mail.Bytes(), o)
		check := r.Check(pec.CheckRevocation)
		detail := fmt.Sprintf("%s: %s: %s", c.reason, policy, check.Detail(pec.English))
		require.Equal(t, sub, r.SubIndication, "%s %+v", detail, r.Failures())
		require.Equal(t, sub == "", r.Certified, detail)
		require.Equal(t, sub == pec.Revoked, r.Verdict == pec.TotalFailed, detail)
		require.Len(t, r.Revocation, 1)
		a := r.Revocation[0]
		require.Equal(t, c.state, a.State, detail)
		var codes []string
		for _, f := range a.Findings {
			codes = append(codes, f.Code)
			require.NotContains(t, f.Detail, "{", "a fact is missing")
		}
		require.Equal(t, c.codes, codes, detail)
		require.Equal(t, c.state == revocation.NotChecked, len(a.Used) == 0, detail)
		if policy == pec.PolicyDefault {
			require.Equal(t, c.status, check.Status, detail)
		}
	}
}

func TestRevocationByList(t *testing.T) {
	t.Parallel()
	for _, c := range revocationListCases() {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); c.run(t) })
	}
}

func TestRevocationByResponse(t *testing.T) {
	t.Parallel()
	for _, c := range revocationResponseCases() {
		t.Run(c.name, func(t *testing.T) { t.Parallel(); c.run(t) })
	}
}

// Every code of package revocation is reached through pec.Verify by one of the
// cases, but for CodeNone: pec says itself that no data were given.
func TestRevocationCodesAreReached(t *testing.T) {
	t.Parallel()
	reached := map[string]bool{revocation.CodeNone: true}
	for _, c := range append(revocationListCases(), revocationResponseCases()...) {
		for _, code := range c.codes {
			reached[code] = true
		}
	}
	for _, c := range revocation.Codes {
		require.True(t, reached[c.Code], c.Code)
	}
}

// revocationChain is a message under an authority between the signer and the
// anchor, with lists of both.
func revocationChain(t *testing.T, ofRoot, ofMiddle func(middle, signer *testsign.Identity) testsign.List) *pec.Report {
	t.Helper()
	root := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "CA radice - NO LEGAL VALUE")}.SelfSigned()
	middle := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova", "CA intermedia - NO LEGAL VALUE")}.IssuedBy(root)
	signer := verdictLeafOf(middle, testsign.Certificate{})
	d := new(revocation.Data)
	if ofRoot != nil {
		require.NoError(t, d.AddCRL("radice.crl", ofRoot(middle, signer).SignedBy(root)))
	}
	if ofMiddle != nil {
		require.NoError(t, d.AddCRL("intermedia.crl", ofMiddle(middle, signer).SignedBy(middle)))
	}
	m := verdictAcceptance(signer)
	m.CMS.Certificates = [][]byte{signer.DER, middle.DER}
	return verdictOf(t, m.Bytes(), pec.VerifyOptions{Trust: verdictBelieve(t, root), Clock: verdictClock(in(60)), Revocation: d})
}

// Every certificate of the path is asked about, not only the signer's.
func TestRevocationOfAuthorities(t *testing.T) {
	t.Parallel()
	nobody := func(_, _ *testsign.Identity) testsign.List { return revList(1) }
	of := func(at float64, reason int, since float64) func(m, s *testsign.Identity) testsign.List {
		return func(m, _ *testsign.Identity) testsign.List {
			r := testsign.Revoked{Certificate: m, Time: in(at), Reason: reason}
			if since != 0 {
				r.Invalidity = in(since)
			}
			return revList(20, r)
		}
	}
	for _, tt := range []struct {
		name, reason     string
		ofRoot, ofMiddle func(m, s *testsign.Identity) testsign.List
		status           pec.Status
		sub              pec.SubIndication
	}{
		{"both good", "each list is of one authority", nobody, nobody, pec.Pass, ""},
		{"only the signer", "of the authority nothing is known", nil, nobody, pec.Skip, ""},
		{"only the authority", "of the signer nothing is known", nobody, nil, pec.Skip, ""},
		{"authority revoked before", "what it issued is worth nothing", of(-1, superseded, 0), nobody, pec.Fail, pec.Revoked},
		{"authority compromised before", "invalidityDate of cACompromise", of(9, 2, -1), nobody, pec.Fail, pec.Revoked},
		{"authority compromised, unsaid when", "revoked after", of(9, 2, 0), nobody, pec.Warn, ""},
		{"authority suspended, signer revoked", "the signer's is the graver", of(-1, hold, 0),
			func(_, s *testsign.Identity) testsign.List {
				return revList(1, testsign.Revoked{Certificate: s, Time: in(-1)})
			}, pec.Fail, pec.Revoked},
		{"authority suspended", "it may yet be released", of(-1, hold, 0), nobody, pec.Fail, pec.TryLater},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := revocationChain(t, tt.ofRoot, tt.ofMiddle)
			check := r.Check(pec.CheckRevocation)
			require.Len(t, r.Revocation, 2, tt.reason)
			require.Equal(t, tt.status, check.Status, "%s: %s", tt.reason, check.Detail(pec.English))
			require.Equal(t, tt.sub, r.SubIndication, tt.reason)
		})
	}
}

// An authority that may not sign lists says nothing by a list.
func TestRevocationByAuthorityWithoutCRLSign(t *testing.T) {
	t.Parallel()
	root := testsign.Certificate{CA: true, KeyType: testsign.P256, KeyUsage: x509.KeyUsageCertSign, Subject: testsign.NewName("Prova", "CA senza liste - NO LEGAL VALUE")}.SelfSigned()
	signer := verdictLeafOf(root, testsign.Certificate{})
	o := pec.VerifyOptions{Trust: verdictBelieve(t, root), Clock: verdictClock(in(60)), Revocation: revocationData(t, [][]byte{revList(1).SignedBy(root)}, nil)}
	r := verdictOf(t, verdictAcceptance(signer).Bytes(), o)
	require.Equal(t, revocation.CodeSignerUsage, r.Revocation[0].Findings[0].Code)
	require.Equal(t, pec.Skip, r.Check(pec.CheckRevocation).Status)
}

// Without a path there is nobody who could have revoked.
func TestRevocationWithoutPath(t *testing.T) {
	t.Parallel()
	o := verdictOptions()
	o.Revocation = revocationData(t, [][]byte{revList(1).SignedBy(testsign.NewCircle().Root)}, nil)
	m := verdictAcceptance(verdictLeafOf(verdictStranger(), testsign.Certificate{}))
	for policy, status := range map[pec.Policy]pec.Status{pec.PolicyDefault: pec.Skip, pec.PolicyStrict: pec.Fail} {
		o.Policy = policy
		r := verdictOf(t, m.Bytes(), o)
		require.Equal(t, status, r.Check(pec.CheckRevocation).Status)
		require.Equal(t, pec.NoCertificateChainFound, r.SubIndication)
		require.Empty(t, r.Revocation)
	}
}

// What an evidence bundle needs: the bytes that were used, by whom they are
// signed, and of when.
func TestRevocationEvidenceOnReport(t *testing.T) {
	t.Parallel()
	w := revocationWorldOf(testsign.Certificate{})
	list := revList(1).SignedBy(w.root)
	response := answer(testsign.CertificateStatus{ThisUpdate: in(2)}, func(w revocationWorld, r *testsign.Response) *testsign.Identity {
		r.Extra = []testsign.Extension{testsign.Nonce([]byte("12345678"))}
		return delegated(w, r)
	})(w)[0]
	foreign := revList(1).SignedBy(verdictStranger())
	o := verdictOptions()
	o.Clock, o.Revocation = verdictClock(in(60)), revocationData(t, [][]byte{foreign, list}, [][]byte{response})
	r := verdictOf(t, verdictAcceptance(w.signer).Bytes(), o)

	used := r.Revocation[0].Used
	require.Len(t, used, 2, "the foreign list is not evidence")
	require.Equal(t, list, used[0].DER)
	require.Equal(t, "lista1.crl", used[0].Name)
	require.Equal(t, revocation.CRL, used[0].Kind)
	require.True(t, in(1).Equal(used[0].ThisUpdate))
	require.Nil(t, used[0].Signer)
	require.Equal(t, response, used[1].DER)
	require.Equal(t, w.responder.DER, used[1].Signer.Raw)
	require.Equal(t, []byte("12345678"), used[1].Nonce)
	require.Contains(t, r.Check(pec.CheckRevocation).Detail(pec.English), "lista1.crl")
	require.Contains(t, r.Check(pec.CheckRevocation).Detail(pec.Italian), "non era revocato")
}

// The time of judgement decides, whoever names it.
func TestRevocationAtTimes(t *testing.T) {
	t.Parallel()
	w := revocationWorldOf(testsign.Certificate{})
	d := revocationData(t, [][]byte{revList(9, w.revoked(8, superseded)).SignedBy(w.root)}, nil)
	for _, tt := range []struct {
		name string
		at   time.Time
		now  bool
		sub  pec.SubIndication
	}{
		{"certified", time.Time{}, false, ""},
		{"given, before", in(7), false, ""},
		{"given, after", in(8), false, pec.Revoked},
		{"now", time.Time{}, true, pec.Revoked},
	} {
		o := verdictOptions()
		o.Revocation, o.At, o.AtNow, o.Clock = d, tt.at, tt.now, verdictClock(in(60))
		require.Equal(t, tt.sub, verdictOf(t, verdictAcceptance(w.signer).Bytes(), o).SubIndication, tt.name)
	}
}
