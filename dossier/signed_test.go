package dossier_test

import (
	"bytes"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/dossier"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/trust"
)

// What a circuit would never issue is written by testsign: its providers sign
// whatever a test asks for.

// signedStore believes testsign's authority.
var signedStore = sync.OnceValue(func() *trust.Store {
	s, err := trust.NewStore(false, testsign.NewCircle().Root.X509())
	if err != nil {
		panic(err)
	}
	return s
})

// signedNow is when the dossiers about testsign's messages are made.
var signedNow = testsign.Instant.Add(30 * time.Hour)

func signedOptions() *pec.VerifyOptions {
	return &pec.VerifyOptions{Trust: signedStore(), Clock: func() time.Time { return signedNow }}
}

// exchange is a message of which testsign writes the receipts.
type exchange struct {
	letter
	id string // identificativo
}

func (x exchange) mail() []byte { return x.letter.bytes() }

// enclosed is the letter as the provider sent it on.
func (x exchange) enclosed() []byte {
	l := x.letter
	sent := []byte("Message-ID: <" + or(l.id, "cliente-1@example.it") + ">")
	return bytes.Replace(l.bytes(), sent, []byte("Message-ID: <"+x.id+">\r\nX-Riferimento-"+string(sent)), 1)
}

// message is one about it. change may be nil.
func (x exchange) message(kind daticert.Type, name string, change func(*testsign.Message)) input {
	m := testsign.Message{Kind: kind, Data: daticert.Data{
		Sender: or(x.from, sender), Subject: or(x.subject, "Notifica"), ID: x.id, MessageID: "<" + or(x.letter.id, "cliente-1@example.it") + ">",
	}}
	for _, a := range x.to {
		m.Data.Recipients = append(m.Data.Recipients, daticert.Recipient{Type: daticert.RecipientCertified, Address: a})
	}
	if change != nil {
		change(&m)
	}
	if kind == daticert.TypeTransport || kind == daticert.TypeDelivery && m.Data.Receipt != daticert.ReceiptConcise && m.Original == nil {
		m.Original = x.enclosed()
	}
	return input{name, m.Bytes()}
}

func (x exchange) accepted() input {
	return x.message(daticert.TypeAcceptance, "accettazione-"+x.id+".eml", nil)
}

// delivered is a delivery to one recipient, some seconds after the others.
func (x exchange) delivered(to string, change ...func(*testsign.Message)) input {
	return x.message(daticert.TypeDelivery, "consegna-"+to+"-"+x.id+".eml", func(m *testsign.Message) {
		m.Data.Delivery = to
		for _, c := range change {
			c(m)
		}
	})
}

func (x exchange) failed(to string) input {
	return x.message(daticert.TypeDeliveryError, "errore-"+to+".eml", func(m *testsign.Message) { m.Data.Delivery = to })
}

// signed makes a dossier about a mail from messages of testsign.
func signed(t testing.TB, mail []byte, files ...input) *dossier.Dossier {
	t.Helper()
	b := builder(t, "atto.eml", mail, signedNow)
	add(t, b, signedOptions(), files...)
	return b.Dossier()
}

func usesOf(d *dossier.Dossier) []dossier.Use {
	var out []dossier.Use
	for _, f := range d.Files {
		for _, v := range f.Verdicts {
			out = append(out, v.Use)
		}
	}
	return out
}

// TestSigned: the tools of these tests make what they say.
func TestSigned(t *testing.T) {
	t.Parallel()
	x := exchange{letter{to: []string{one}}, "opec1@pec.example.it"}
	d := signed(t, x.mail(), x.accepted(), x.delivered(one))
	require.Empty(t, codes(d))
	require.True(t, d.Complete())
}
