package envelope_test

import (
	"bytes"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/envelope"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/smime"
	"github.com/gopec/gopec/trust"
)

var instant = testsign.Instant

const (
	sender   = "mittente@pec.example.it"
	first    = "destinatario@pec.example.com"
	pecID    = "opec21004.20260310101530.00042.217.1.57@pec.example.it"
	clientID = "<20260310101412.4F2A11C08E@client.example.it>"
	plain    = "From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nSubject: prova\r\n" +
		"Message-ID: <20260310101412.4F2A11C08E@client.example.it>\r\n\r\nTesto.\r\n"
)

func section(mail string) *io.SectionReader {
	return io.NewSectionReader(strings.NewReader(mail), 0, int64(len(mail)))
}

// provider makes the sender's provider of the circle an issuer.
func provider() *envelope.Provider {
	id := testsign.NewCircle().One
	return &envelope.Provider{Name: id.Organization, Address: id.Address, Signer: &smime.Signer{Key: id.Key, Certificate: id.X509()}}
}

func recipients() []daticert.Recipient {
	return []daticert.Recipient{{Type: daticert.RecipientCertified, Address: first}}
}

func facts(t testing.TB, mail string) *daticert.Data {
	t.Helper()
	f, err := envelope.Facts(section(mail), sender, recipients(), pecID)
	require.NoError(t, err)
	return f
}

func transport(t testing.TB, p *envelope.Provider, mail string) []byte {
	t.Helper()
	out, err := p.Transport(facts(t, mail), section(mail), instant)
	require.NoError(t, err)
	b, err := out.Bytes()
	require.NoError(t, err)
	return b
}

var store = sync.OnceValue(func() *trust.Store {
	s, err := trust.NewStore(false, testsign.NewCircle().Root.X509())
	if err != nil {
		panic(err)
	}
	return s
})

var options = &pec.VerifyOptions{Trust: store(), Clock: func() time.Time { return instant.Add(time.Hour) }}

// certified reads and verifies a mail that has to be authentic.
func certified(t testing.TB, mail []byte) *pec.Report {
	t.Helper()
	m, err := pec.ReadAll(bytes.NewReader(mail))
	require.NoError(t, err)
	r, err := pec.Verify(m, options)
	if m.Kind.Certifies() {
		require.NoError(t, err)
	}
	require.Equal(t, pec.TotalPassed, r.Verdict, "%v", err)
	require.Empty(t, r.Failures())
	return r
}

// warned lists the checks that warn.
func warned(r *pec.Report) []pec.CheckID {
	var ids []pec.CheckID
	for _, w := range r.Warnings() {
		ids = append(ids, w.ID)
	}
	return ids
}

// enclosed returns the mail inside.
func enclosed(t testing.TB, r *pec.Report) string {
	t.Helper()
	s, err := r.Message.Original().Section()
	require.NoError(t, err)
	b, err := io.ReadAll(s)
	require.NoError(t, err)
	return string(b)
}
