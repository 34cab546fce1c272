package daticert_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/counterpart"
)

// TestGenuineMessages reads the daticert of every genuine message of the
// reference data and compares it with what its description says.
func TestGenuineMessages(t *testing.T) {
	t.Parallel()
	const (
		aruba    = "ARUBA PEC S.p.A."
		namirial = "Namirial S.p.A."
		none     = daticert.ReceiptType("")
	)
	type facts struct {
		tipo       daticert.Type
		provider   string
		date       string
		id         string
		recipients int
		external   int
		receipt    daticert.ReceiptType
	}
	namirialFacts := facts{daticert.TypeTransport, namirial, "2024-12-05T00:02:10+01:00",
		"opec21192.20241205000210.24820.46.1.184@sicurezzapostale.it", 7, 7, daticert.ReceiptComplete}
	want := map[string]facts{
		"aruba-2013-12-transport": {daticert.TypeTransport, aruba, "2013-12-23T19:14:50+01:00",
			"opec275.20131223191450.21934.08.1.16@pec.aruba.it", 2, 1, daticert.ReceiptComplete},
		"aruba-2014-11-transport-lf": {daticert.TypeTransport, aruba, "2014-11-07T16:52:00+01:00",
			"opec275.20141107165200.03048.08.1.17@pec.aruba.it", 1, 0, daticert.ReceiptComplete},
		"aruba-2015-05-accettazione": {daticert.TypeAcceptance, aruba, "2015-05-20T17:08:10+02:00",
			"opec275.20150520170810.24847.06.1.17@pec.aruba.it", 1, 0, none},
		"infocert-2015-05-avvenuta-consegna": {daticert.TypeDelivery, "InfoCert S.p.A.", "2015-05-20T17:08:21+02:00",
			"opec275.20150520170810.24847.06.1.17@pec.aruba.it", 1, 0, daticert.ReceiptComplete},
		"aruba-2018-11-accettazione-lf": {daticert.TypeAcceptance, aruba, "2018-11-13T16:39:26+01:00",
			"opec288.20181113163926.01838.310.1.63@pec.aruba.it", 1, 0, none},
		"aruba-2018-11-avvenuta-consegna-lf": {daticert.TypeDelivery, aruba, "2018-11-13T16:39:27+01:00",
			"opec288.20181113163926.01838.310.1.63@pec.aruba.it", 1, 0, daticert.ReceiptComplete},
		"sogei-2018-11-transport-lf": {daticert.TypeTransport, "Sogei SpA", "2018-11-13T16:47:32+01:00",
			"opec288.20181113164732.05177.8374.1.1@pcert.sogei.it", 1, 0, daticert.ReceiptBrief},
		"aruba-2021-12-accettazione": {daticert.TypeAcceptance, aruba, "2021-12-14T14:36:08+01:00",
			"opec296.20211214143608.11149.382.1.69@pec.aruba.it", 2, 0, none},
		"aruba-2021-12-avvenuta-consegna": {daticert.TypeDelivery, aruba, "2021-12-14T14:36:08+01:00",
			"opec296.20211214143608.11149.382.1.69@pec.aruba.it", 2, 0, daticert.ReceiptComplete},
		"aruba-2021-12-errore-consegna": {daticert.TypeDeliveryError, aruba, "2021-12-14T14:54:32+01:00",
			"opec296.20211214145423.22932.377.1.68@pec.aruba.it", 1, 0, none},
		"aruba-2023-08-transport-lf": {daticert.TypeTransport, aruba, "2023-08-18T17:37:14+02:00",
			"opec21010.20230818173714.75133.134.1.56@pec.aruba.it", 1, 0, daticert.ReceiptComplete},
		"namirial-2024-12-transport":                  namirialFacts,
		"namirial-2024-12-transport-via-mailing-list": namirialFacts,
	}
	files, err := filepath.Glob(filepath.Join(counterpart.Reference(t, "corpus", "genuine"), "*.eml"))
	require.NoError(t, err)
	require.Len(t, files, len(want), "every genuine message is in the table")
	for _, file := range files {
		name := filepath.Base(file[:len(file)-len(".eml")])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			message, err := os.ReadFile(file)
			require.NoError(t, err)
			parts := attachments(t, message, "daticert.xml")
			require.Len(t, parts, 1)
			d, err := daticert.Parse(parts[0], nil)
			require.NoError(t, err)
			require.Empty(t, d.Defects, "providers follow the DTD")
			at, err := d.Time()
			require.NoError(t, err)
			got := facts{tipo: d.Type, provider: d.Provider, date: at.Format(time.RFC3339), id: d.ID,
				recipients: len(d.Recipients), receipt: d.Receipt}
			for _, r := range d.Recipients {
				if r.Type == daticert.RecipientExternal {
					got.external++
				}
			}
			require.Equal(t, want[name], got)

			again, err := d.AppendXML(nil)
			require.NoError(t, err)
			second, err := daticert.Parse(again, nil)
			require.NoError(t, err)
			require.Equal(t, withoutTrace(d), withoutTrace(second), "what is written reads the same")
			require.Empty(t, validate(t, counterpart.Look(t, "xmllint"), parts[0]))
		})
	}
}

// attachments returns the decoded parts with a name, not looking into messages
// inside.
func attachments(t *testing.T, message []byte, name string) [][]byte {
	t.Helper()
	m, err := mail.ReadMessage(bufio.NewReader(bytes.NewReader(message)))
	require.NoError(t, err)
	return parts(t, m.Header.Get("Content-Type"), m.Body, name)
}

func parts(t *testing.T, contentType string, body io.Reader, name string) (found [][]byte) {
	t.Helper()
	_, params, err := mime.ParseMediaType(contentType)
	require.NoError(t, err)
	for r := multipart.NewReader(body, params["boundary"]); ; {
		p, err := r.NextRawPart()
		if err == io.EOF {
			return found
		}
		require.NoError(t, err)
		contentType := p.Header.Get("Content-Type")
		media, params, err := mime.ParseMediaType(contentType)
		require.NoError(t, err)
		switch {
		case media == "multipart/mixed" || media == "multipart/signed" || media == "multipart/alternative":
			found = append(found, parts(t, contentType, p, name)...)
		case params["name"] == name || p.FileName() == name:
			var r io.Reader = p
			switch p.Header.Get("Content-Transfer-Encoding") {
			case "base64":
				r = base64.NewDecoder(base64.StdEncoding, p)
			case "quoted-printable":
				r = quotedprintable.NewReader(p)
			}
			b, err := io.ReadAll(r)
			require.NoError(t, err)
			found = append(found, b)
		}
	}
}
