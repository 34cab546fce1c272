package pec_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
)

// today is a day on which every signer's certificate of the corpus has expired.
var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return today }

// genuine are real messages of four providers. None of them is in this
// repository.
var genuine = []struct {
	file       string
	kind       pec.Kind
	proves     pec.Proof
	provider   string
	time       string
	id         string
	recipients int
	receipt    string
	old        bool // under DigitPA CA1: RSA-1024 and SHA-1 certificates
}{
	{"aruba-2013-12-transport", pec.KindTransport, pec.ProvesSent, "ARUBA PEC S.p.A.", "2013-12-23T19:14:50+01:00", "opec275.20131223191450.21934.08.1.16@pec.aruba.it", 2, "completa", true},
	{"aruba-2014-11-transport-lf", pec.KindTransport, pec.ProvesSent, "ARUBA PEC S.p.A.", "2014-11-07T16:52:00+01:00", "opec275.20141107165200.03048.08.1.17@pec.aruba.it", 1, "completa", true},
	{"aruba-2015-05-accettazione", pec.KindAcceptance, pec.ProvesAccepted, "ARUBA PEC S.p.A.", "2015-05-20T17:08:10+02:00", "opec275.20150520170810.24847.06.1.17@pec.aruba.it", 1, "", true},
	{"infocert-2015-05-avvenuta-consegna", pec.KindDelivery, pec.ProvesDelivered, "InfoCert S.p.A.", "2015-05-20T17:08:21+02:00", "opec275.20150520170810.24847.06.1.17@pec.aruba.it", 1, "completa", true},
	{"aruba-2018-11-accettazione-lf", pec.KindAcceptance, pec.ProvesAccepted, "ARUBA PEC S.p.A.", "2018-11-13T16:39:26+01:00", "opec288.20181113163926.01838.310.1.63@pec.aruba.it", 1, "", false},
	{"aruba-2018-11-avvenuta-consegna-lf", pec.KindDelivery, pec.ProvesDelivered, "ARUBA PEC S.p.A.", "2018-11-13T16:39:27+01:00", "opec288.20181113163926.01838.310.1.63@pec.aruba.it", 1, "completa", false},
	{"sogei-2018-11-transport-lf", pec.KindTransport, pec.ProvesSent, "Sogei SpA", "2018-11-13T16:47:32+01:00", "opec288.20181113164732.05177.8374.1.1@pcert.sogei.it", 1, "breve", false},
	{"aruba-2021-12-accettazione", pec.KindAcceptance, pec.ProvesAccepted, "ARUBA PEC S.p.A.", "2021-12-14T14:36:08+01:00", "opec296.20211214143608.11149.382.1.69@pec.aruba.it", 2, "", false},
	{"aruba-2021-12-avvenuta-consegna", pec.KindDelivery, pec.ProvesDelivered, "ARUBA PEC S.p.A.", "2021-12-14T14:36:08+01:00", "opec296.20211214143608.11149.382.1.69@pec.aruba.it", 2, "completa", false},
	{"aruba-2021-12-errore-consegna", pec.KindDeliveryError, pec.ProvesNotDelivered, "ARUBA PEC S.p.A.", "2021-12-14T14:54:32+01:00", "opec296.20211214145423.22932.377.1.68@pec.aruba.it", 1, "", false},
	{"aruba-2023-08-transport-lf", pec.KindTransport, pec.ProvesSent, "ARUBA PEC S.p.A.", "2023-08-18T17:37:14+02:00", "opec21010.20230818173714.75133.134.1.56@pec.aruba.it", 1, "completa", false},
	{"namirial-2024-12-transport", pec.KindTransport, pec.ProvesSent, "Namirial S.p.A.", "2024-12-05T00:02:10+01:00", "opec21192.20241205000210.24820.46.1.184@sicurezzapostale.it", 7, "completa", false},
}

func read(t *testing.T, path string) *pec.Message {
	t.Helper()
	f, err := os.Open(path)
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	info, err := f.Stat()
	require.NoError(t, err)
	m, err := pec.Read(f, info.Size())
	require.NoError(t, err)
	return m
}

func TestGenuineMessages(t *testing.T) {
	t.Parallel()
	dir := counterpart.Reference(t, "corpus", "genuine")
	for _, g := range genuine {
		t.Run(g.file, func(t *testing.T) {
			t.Parallel()
			m := read(t, filepath.Join(dir, g.file+".eml"))
			r, err := pec.Verify(m, &pec.VerifyOptions{Clock: clock, SecondOpinion: true})
			require.Equal(t, g.kind, r.Kind)
			require.Equal(t, g.provider, r.Data.Provider)
			require.Equal(t, g.id, r.Data.ID)
			require.Len(t, r.Data.Recipients, g.recipients)
			require.Equal(t, g.receipt, string(r.Data.Receipt))
			require.Equal(t, g.time, r.ReferenceTime.Time.Format(time.RFC3339))
			require.Equal(t, pec.FromDaticert, r.ReferenceTime.Source)
			if !g.old {
				require.NoError(t, err, "%+v", r.Failures())
				require.Equal(t, pec.TotalPassed, r.Verdict)
				require.Equal(t, g.proves, r.Proves)
				return
			}
			require.Error(t, err)
			require.Equal(t, pec.CryptoConstraintsFailureNoPOE, r.SubIndication, "%+v", r.Failures())
			require.Len(t, r.Failures(), 1, "only the age of the algorithms stands against it")
			r, err = pec.Verify(m, &pec.VerifyOptions{Clock: clock, Policy: pec.PolicyLegacy})
			require.NoError(t, err)
			require.Equal(t, g.proves, r.Proves)
		})
	}
}
