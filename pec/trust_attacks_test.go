package pec_test

import (
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// Each of these was signed by somebody who is no PEC provider, or not that one.
// None may be certified, and each has the row of what is wrong with it.

var verdictOne = testsign.NewName("Gestore Uno S.p.A.", "Firmatario di prova - NO LEGAL VALUE")

// verdictForgedDelivery is a delivery receipt that looks right in every respect
// but who signed it: kind, header, certification data and From agree.
func verdictForgedDelivery(by *testsign.Identity) testsign.Message {
	return testsign.Message{Kind: daticert.TypeDelivery, By: by}
}

func TestTrustAttacks(t *testing.T) {
	t.Parallel()
	root := testsign.NewCircle().Root
	due := testsign.NewName("Gestore Due S.p.A.", "Posta certificata di prova - NO LEGAL VALUE")
	authority := func(subject testsign.Name, c testsign.Certificate) *testsign.Identity {
		c.CA, c.KeyType, c.Subject = true, testsign.P256, subject
		return c.SelfSigned()
	}
	selfMade := authority(testsign.NewName("Prova, nessun valore legale", "CA fatta in casa"), testsign.Certificate{})
	// The name of the authority that is believed, with another key. Key makes
	// one key for one name and type, so the type differs.
	sameName := authority(root.Subject, testsign.Certificate{})
	likeDue := testsign.Certificate{Subject: due, Addresses: []string{"posta-certificata@pec.example.com"}}

	crossed := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova, nessun valore legale", "CA intermedia mai emessa")}
	crossed.WrongSignature = true
	forgedIntermediate := crossed.IssuedBy(root)

	provider := testsign.NewCircle().Two
	byProvider := testsign.Certificate{Subject: testsign.NewName("Gestore Due S.p.A.", "Sotto un gestore"), Addresses: []string{"posta-certificata@pec.example.com"}, KeyType: testsign.P256}.IssuedBy(provider)

	extension := func(critical bool) testsign.Extension {
		return testsign.Extension{OID: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 7}, Critical: critical, Value: []byte{5, 0}}
	}
	noUsage := testsign.Certificate{Omit: []asn1.ObjectIdentifier{testsign.OIDKeyUsage}}

	type attack struct {
		name, reason string
		message      testsign.Message
		store        *trust.Store // nil: that of the test authority
		sub          pec.SubIndication
		verdict      pec.Verdict // "": INDETERMINATE
		failed       []pec.CheckID
	}
	row8 := func(name, reason string, m testsign.Message) attack {
		return attack{name: name, reason: reason, message: m, sub: pec.NoCertificateChainFound, failed: verdictIDs(pec.CheckPath)}
	}
	row9 := func(name, reason string, c testsign.Certificate, failed ...pec.CheckID) attack {
		m := verdictAcceptance(verdictLeaf(c))
		return attack{name: name, reason: reason, message: m, sub: pec.ChainConstraintsFailure, failed: failed}
	}
	attacks := []attack{
		row8("self-made authority, right address", "what Italy's only other Go tool accepts", verdictForgedDelivery(verdictLeafOf(selfMade, likeDue))),
		row8("self-made authority with the name of the true one", "a name is not a key", verdictForgedDelivery(verdictLeafOf(sameName, likeDue))),
		row8("the true authority's name, its certificate in the bag", "the true certificate travels along and did not sign", func() testsign.Message {
			m := verdictForgedDelivery(verdictLeafOf(sameName, likeDue))
			m.CMS.CertificatesLast = [][]byte{root.DER, provider.DER}
			return m
		}()),
		row8("self-signed leaf", "vouches for itself", verdictForgedDelivery(testsign.Certificate{Subject: due, Addresses: []string{"posta-certificata@pec.example.com"}, KeyType: testsign.P256}.SelfSigned())),
		row8("leaf with the true issuer's name and a wrong signature", "the authority did not sign it", verdictForgedDelivery(verdictLeaf(testsign.Certificate{
			Subject: due, Addresses: []string{"posta-certificata@pec.example.com"}, WrongSignature: true,
		}))),
		row8("under an intermediate that the authority did not sign", "every step of a path is checked", verdictForgedDelivery(verdictLeafOf(forgedIntermediate, likeDue))),
		row8("under a provider's own leaf", "a provider is no authority", verdictForgedDelivery(byProvider)),

		row9("a user's own certificate under its own From", "the authority certifies other mail too; a user signs no receipt",
			testsign.Certificate{Addresses: []string{"mittente@pec.example.it"}}, pec.CheckProfile),
		row9("mailbox that begins like the service mailbox", "the name is compared whole",
			testsign.Certificate{Addresses: []string{"posta-certificata2@pec.example.it"}}, pec.CheckProfile),
		row9("mailbox with a tag", "the name is compared whole",
			testsign.Certificate{Addresses: []string{"posta-certificata+gestore@pec.example.it"}}, pec.CheckProfile),
		row9("serverAuth only", "a certificate for web servers", testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDServerAuth}}, pec.CheckProfile),
		row9("anyExtendedKeyUsage only", "mail is asked for by name", testsign.Certificate{ExtKeyUsage: []asn1.ObjectIdentifier{testsign.OIDAnyExtKeyUsage}}, pec.CheckProfile),
		row9("keyEncipherment only", "the key is for decryption", testsign.Certificate{KeyUsage: x509.KeyUsageKeyEncipherment}, pec.CheckProfile),
		row9("nonRepudiation only", "RFC 6109 §5.5 asks for digitalSignature", testsign.Certificate{KeyUsage: x509.KeyUsageContentCommitment}, pec.CheckProfile),
		row9("no key usage", "RFC 6109 §5.5 asks for it", noUsage, pec.CheckProfile),
		row9("an authority's certificate as signer", "an authority signs certificates", testsign.Certificate{
			BasicConstraints: &testsign.BasicConstraints{CA: true}, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		}, pec.CheckProfile),
		row9("two addresses", "which of them signed?", testsign.Certificate{
			Addresses: []string{"posta-certificata@pec.example.it", "posta-certificata@pec.example.com"},
		}, pec.CheckProfile, pec.CheckFrom),
		row9("unknown critical extension", "nobody can say what it forbids", testsign.Certificate{Extra: []testsign.Extension{extension(true)}}, pec.CheckProfile),
		row9("mail constraint violated", "a host that the authority may not certify", testsign.Certificate{
			Addresses: []string{"posta-certificata@pec.example.org"},
		}, pec.CheckConstraints, pec.CheckProvider),
		row9("subdomain of a permitted host", "a constraint on a host is on that host alone", testsign.Certificate{
			Addresses: []string{"posta-certificata@falso.pec.example.it"},
		}, pec.CheckConstraints, pec.CheckProvider),
		row9("host that ends like a permitted one", "names are compared label by label", testsign.Certificate{
			Addresses: []string{"posta-certificata@falsopec.example.it"},
		}, pec.CheckConstraints, pec.CheckProvider),
		row9("DirName constraint violated", "crypto/x509 does not look", testsign.Certificate{
			Subject: testsign.NewName("Gestore Tre S.p.A.", "Estraneo"),
		}, pec.CheckConstraints, pec.CheckProvider),
	}

	none := attack{
		name: "no address", reason: "nothing ties it to a From", message: verdictAcceptance(verdictLeaf(testsign.Certificate{Addresses: []string{}})),
		sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckFrom),
	}
	attacks = append(attacks, none,
		attack{
			name: "the authority itself signs", reason: "its own certificate is no provider's", message: verdictAcceptance(root),
			sub: pec.ChainConstraintsFailure, failed: verdictIDs(pec.CheckProfile, pec.CheckConstraints, pec.CheckProvider, pec.CheckFrom),
		},
		attack{
			name: "another provider's From", reason: "a provider answers for its own receipts only",
			message: testsign.Message{Kind: daticert.TypeDelivery, By: testsign.NewCircle().One, Set: []testsign.Field{{Name: "From", Value: "posta-certificata@pec.example.com"}}},
			sub:     pec.SigConstraintsFailure, failed: verdictIDs(pec.CheckFrom),
		},
		attack{
			name: "test authority, default anchors", reason: "nothing but AgID's authorities is believed unless asked for",
			message: verdictForgedDelivery(nil), store: trust.AgID(), sub: pec.NoCertificateChainFound, failed: verdictIDs(pec.CheckPath),
		},
		attack{
			name: "RSA-1024 leaf", reason: "provider until 2017, or somebody who computed its key",
			message: verdictAcceptance(verdictLeaf(testsign.Certificate{KeyType: testsign.RSA1024})), sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms),
		},
		attack{
			name: "RSA-1024 authority", reason: "the weakest key of a path decides",
			message: verdictAcceptance(verdictLeafOf(verdictWeakAuthority(), testsign.Certificate{})), store: verdictBelieve(t, verdictWeakAuthority()),
			sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms),
		},
		attack{
			name: "SHA-1 certificate", reason: "such a certificate may be forged", message: verdictAcceptance(verdictLeaf(testsign.Certificate{Hash: crypto.SHA1})),
			sub: pec.CryptoConstraintsFailureNoPOE, failed: verdictIDs(pec.CheckOldAlgorithms),
		},
		attack{
			name: "MD5 certificate", reason: "such a certificate was forged", message: verdictAcceptance(verdictLeaf(testsign.Certificate{Hash: crypto.MD5})),
			sub: pec.CryptoConstraintsFailure, failed: verdictIDs(pec.CheckAlgorithms, pec.CheckPath),
		},
	)
	for _, c := range attacks {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			o := verdictOptions()
			if c.store != nil {
				o.Trust = c.store
			}
			r := verdictOf(t, c.message.Bytes(), o)
			require.False(t, r.Certified, c.reason)
			want := c.verdict
			if want == "" {
				want = pec.Indeterminate
			}
			require.Equal(t, want, r.Verdict, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, c.sub, r.SubIndication, "%s: %+v", c.reason, r.Failures())
			require.Equal(t, c.failed, verdictFailed(r), c.reason)

			o.SecondOpinion = true
			require.False(t, verdictOf(t, c.message.Bytes(), o).Certified, "a second opinion on the signature says nothing of the signer")
			o.Policy = pec.PolicyLegacy
			if c.sub != pec.CryptoConstraintsFailureNoPOE {
				require.False(t, verdictOf(t, c.message.Bytes(), o).Certified, "the legacy policy believes old algorithms, not strangers")
			}
		})
	}

	t.Run("extension that is not critical", func(t *testing.T) {
		t.Parallel()
		m := verdictAcceptance(verdictLeaf(testsign.Certificate{Extra: []testsign.Extension{extension(false)}}))
		require.True(t, verdictOf(t, m.Bytes(), verdictOptions()).Certified, "an unknown extension that is not critical changes nothing")
	})
	t.Run("mailbox in capitals", func(t *testing.T) {
		t.Parallel()
		m := verdictAcceptance(verdictLeaf(testsign.Certificate{Addresses: []string{"Posta-Certificata@PEC.example.it"}}))
		require.True(t, verdictOf(t, m.Bytes(), verdictOptions()).Certified, "addresses are folded")
	})
}

var verdictWeakAuthority = func() *testsign.Identity {
	return testsign.Certificate{CA: true, KeyType: testsign.RSA1024, Subject: testsign.NewName("Prova, nessun valore legale", "CA del 2011 - NO LEGAL VALUE")}.SelfSigned()
}

// A self-made authority with the very name of AgID CA1, as in the forgery that
// another tool accepts: under the built-in anchors, without options.
func TestTrustForgedAgID(t *testing.T) {
	t.Parallel()
	agid := testsign.Name{
		{OID: testsign.OIDCountry, Value: "IT"},
		{OID: asn1.ObjectIdentifier{2, 5, 4, 7}, Value: "Roma"},
		{OID: testsign.OIDOrganization, Value: "Agenzia per l'Italia Digitale"},
		{OID: testsign.OIDOrganizationalUnit, Value: "Area Soluzioni per la Pubblica Amministrazione"},
		{OID: testsign.OIDCommonName, Value: "AgID CA1"},
	}
	forged := testsign.Certificate{CA: true, Subject: agid}.SelfSigned()
	for _, c := range []struct {
		name, reason string
		certificates [][]byte
	}{
		{"with its certificate", "the bag names it AgID CA1", nil},
		{"the leaf alone", "providers need send no more", [][]byte{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			leaf := verdictLeafOf(forged, testsign.Certificate{
				Subject: testsign.NewName("ARUBA PEC S.p.A.", "Posta certificata"), Addresses: []string{"posta-certificata@pec.aruba.it"},
			})
			m := verdictForgedDelivery(leaf)
			if c.certificates != nil {
				m.CMS.Certificates = [][]byte{leaf.DER}
			}
			mail := m.Bytes()
			for _, o := range []*pec.VerifyOptions{nil, {}, {Policy: pec.PolicyLegacy}, {AtNow: true}, {At: testsign.Instant}, {SecondOpinion: true}} {
				r, err := pec.Verify(verdictRead(t, mail), o)
				verdictContract(t, r, err)
				require.Equal(t, pec.Indeterminate, r.Verdict, c.reason)
				require.Equal(t, pec.NoCertificateChainFound, r.SubIndication, c.reason)
				require.Contains(t, r.Check(pec.CheckPath).Detail(pec.English), "names AgID CA1 as its issuer, but was not signed with", "the forgery has the very name")
			}
			own, err := trust.NewStore(true, testsign.NewCircle().Root.X509())
			require.NoError(t, err)
			r := verdictOf(t, mail, pec.VerifyOptions{Trust: own, Clock: verdictClock(verdictNow)})
			require.Equal(t, pec.NoCertificateChainFound, r.SubIndication, "an anchor of the caller's beside AgID's changes nothing")
		})
	}
}

// Name constraints hold whether or not they are critical, on mail and on
// directory names, permitted and excluded.
func TestTrustConstraints(t *testing.T) {
	t.Parallel()
	names := func(c testsign.NameConstraints) *testsign.Identity {
		return testsign.Certificate{
			CA: true, KeyType: testsign.P256, NameConstraints: &c,
			Subject: testsign.NewName("Prova, nessun valore legale", "CA con vincoli - NO LEGAL VALUE"),
		}.SelfSigned()
	}
	mail := []testsign.Subtree{{Email: "pec.example.it"}}
	directory := []testsign.Subtree{{Directory: testsign.NewName("Gestore Uno S.p.A.", "")}}
	good := testsign.Certificate{Subject: verdictOne}
	otherHost := testsign.Certificate{Subject: verdictOne, Addresses: []string{"posta-certificata@pec.example.com"}}
	otherName := testsign.Certificate{Subject: testsign.NewName("Gestore Due S.p.A.", "Firmatario")}
	for _, critical := range []bool{false, true} {
		for _, c := range []struct {
			name, reason string
			constraints  testsign.NameConstraints
			leaf         testsign.Certificate
			certified    bool
		}{
			{"mail and DirName met", "both are met", testsign.NameConstraints{Permitted: slices.Concat(mail, directory)}, good, true},
			{"mail met", "no constraint on names", testsign.NameConstraints{Permitted: mail}, good, true},
			{"DirName met", "crypto/x509 refuses it if critical, wrongly", testsign.NameConstraints{Permitted: directory}, good, true},
			{"mail violated", "another host", testsign.NameConstraints{Permitted: mail}, otherHost, false},
			{"DirName violated", "crypto/x509 accepts it if not critical, wrongly", testsign.NameConstraints{Permitted: directory}, otherName, false},
			{"mail met, DirName violated", "one of two is not enough", testsign.NameConstraints{Permitted: slices.Concat(mail, directory)}, otherName, false},
			{"DirName met, mail violated", "one of two is not enough", testsign.NameConstraints{Permitted: slices.Concat(mail, directory)}, otherHost, false},
			{"mail excluded", "excluded wins", testsign.NameConstraints{Permitted: mail, Excluded: mail}, good, false},
			{"DirName excluded", "excluded wins", testsign.NameConstraints{Excluded: directory}, good, false},
		} {
			name := c.name
			if critical {
				name += ", critical"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c.constraints.Critical = critical
				ca := names(c.constraints)
				o := verdictOptions()
				o.Trust = verdictBelieve(t, ca)
				r := verdictOf(t, verdictAcceptance(verdictLeafOf(ca, c.leaf)).Bytes(), o)
				require.Equal(t, c.certified, r.Certified, "%s: %+v", c.reason, r.Failures())
				if !c.certified {
					require.Equal(t, pec.ChainConstraintsFailure, r.SubIndication, c.reason)
					require.Equal(t, pec.Fail, r.Check(pec.CheckConstraints).Status)
				}
			})
		}
	}
}

// An anchor that is about something else, and a store that believes nobody.
func TestTrustStores(t *testing.T) {
	t.Parallel()
	c := testsign.NewCircle()
	_, err := trust.NewStore(false)
	require.ErrorIs(t, err, trust.ErrNoAnchors, "a store made empty must not become the default one")
	_, err = trust.NewStore(false, c.Two.X509())
	var ae *trust.AnchorError
	require.ErrorAs(t, err, &ae, "a leaf as anchor would make a provider its own authority")

	o := verdictOptions()
	o.Trust = verdictBelieve(t, verdictStranger())
	r := verdictOf(t, verdictForgedDelivery(nil).Bytes(), o)
	require.Equal(t, pec.NoCertificateChainFound, r.SubIndication, "an anchor vouches for its own leaves only")

	unconstrained := testsign.Certificate{CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova, nessun valore legale", "CA senza vincoli")}.SelfSigned()
	o.Trust = verdictBelieve(t, unconstrained)
	r = verdictOf(t, verdictAcceptance(verdictLeafOf(unconstrained, testsign.Certificate{})).Bytes(), o)
	require.True(t, r.Certified, "%+v", r.Failures())
	require.Equal(t, pec.Skip, r.Check(pec.CheckProvider).Status, "nothing says who its providers are, and the report says so")

	expired := testsign.Certificate{
		CA: true, KeyType: testsign.P256, Subject: testsign.NewName("Prova, nessun valore legale", "CA scaduta"),
		NotBefore: testsign.Instant.AddDate(-5, 0, 0), NotAfter: testsign.Instant.Add(-time.Hour),
	}.SelfSigned()
	o.Trust = verdictBelieve(t, expired)
	r = verdictOf(t, verdictAcceptance(verdictLeafOf(expired, testsign.Certificate{})).Bytes(), o)
	require.Equal(t, pec.Expired, r.SubIndication, "the whole path has to be valid at the certified time")
}
