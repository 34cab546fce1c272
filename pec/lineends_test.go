package pec_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

// TestLFHasTheVerdictOfCRLF: what a file's line ends are changes no verdict and
// no check but the one that is about them, for every kind, for messages that
// are good, changed, unsigned or signed by a stranger.
func TestLFHasTheVerdictOfCRLF(t *testing.T) {
	t.Parallel()
	stranger := testsign.Certificate{}.SelfSigned()
	change := func(b []byte) []byte { return bytes.Replace(b, []byte("</postacert>"), []byte("</postacert >"), 1) }
	reports := 0
	for _, kind := range []daticert.Type{daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance, daticert.TypeTakingInCharge,
		daticert.TypeDelivery, daticert.TypeDeliveryError, daticert.TypeTimeout, daticert.TypeVirusDetection, testsign.Anomaly} {
		for name, m := range map[string]testsign.Message{
			"good":      {Kind: kind},
			"text only": {Kind: kind, TextOnly: true, Text: strings.Repeat("riga di testo\n", 6000)}, // more than a block
			"changed":   {Kind: kind, XMLPart: testsign.Part{Encoding: "7bit"}, AfterSign: change},
			"unsigned":  {Kind: kind, NoSignature: true},
			"stranger":  {Kind: kind, By: stranger},
		} {
			crlf := lineEndsReport(t, m.Bytes())
			m.LineEnds = testsign.LF
			mail := m.Bytes()
			require.NotContains(t, string(mail), "\r\n")
			lf := lineEndsReport(t, mail)
			require.Equal(t, crlf.Kind, lf.Kind, "%s, %s", kind, name)
			require.Equal(t, crlf.Verdict, lf.Verdict, "%s, %s", kind, name)
			require.Equal(t, crlf.SubIndication, lf.SubIndication)
			require.Equal(t, crlf.Certified, lf.Certified)
			require.Equal(t, crlf.Proves, lf.Proves)
			for i, c := range crlf.Checks() {
				if c.ID != pec.CheckLines {
					require.Equal(t, c.Status, lf.Checks()[i].Status, "%s, %s: %s", kind, name, c.ID)
				}
			}
			reports++
		}
	}
	require.Equal(t, 9*5, reports)
}

func lineEndsReport(t *testing.T, mail []byte) *pec.Report {
	t.Helper()
	m, err := pec.Read(bytes.NewReader(mail), int64(len(mail)))
	require.NoError(t, err)
	o := verdictOptions()
	report, _ := pec.Verify(m, &o) // that it is not certified is in the report
	require.NotNil(t, report)
	return report
}
