package pectest_test

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestArriveOrdinary: ordinary mail reaches a PEC mailbox in an anomaly envelope,
// unchanged, and nobody gets a receipt.
//
// spec: RFC 6109 §3.2.2
func TestArriveOrdinary(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	mail := letter{from: "estraneo@example.net", to: []string{one, office}}.bytes()
	require.NoError(t, c.Arrive("estraneo@example.net", []string{one, office}, mail))
	for _, address := range []string{one, office} {
		require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(address)))
		m := firstOf(c.Mailbox(address))
		require.Equal(t, "estraneo@example.net", m.From, "the routing data are unaltered")
		r := certified(t, c, m)
		require.False(t, r.Certified)
		original, err := r.Message.Original().Section()
		require.NoError(t, err)
		var b bytes.Buffer
		_, err = b.ReadFrom(original)
		require.NoError(t, err)
		require.Equal(t, mail, b.Bytes())
	}
	require.Zero(t, c.Mailbox(sender).Len())
	require.Zero(t, c.Provider("alfa.example.it").Service().Len())
}

// TestArriveRefused: ordinary mail that cannot be delivered is SMTP's matter.
//
// spec: RFC 6109 §2.2.2, §2.2.3
func TestArriveRefused(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithFault(two, pectest.FaultFull))
	plain := letter{from: "estraneo@example.net", to: []string{one}}
	virus := plain
	virus.text = eicar
	for _, test := range []struct {
		name string
		to   []string
		mail []byte
		code int
	}{
		{"no recipient", nil, plain.bytes(), 554},
		{"not of this circuit", []string{one, "altri@example.net"}, plain.bytes(), 550},
		{"no such mailbox", []string{one, "nobody@pec.example.com"}, plain.bytes(), 550},
		{"mailbox full", []string{one, two}, plain.bytes(), 552},
		{"virus", []string{one}, virus.bytes(), 554},
		{"1001 recipients", slices.Repeat([]string{one}, 1001), plain.bytes(), 452},
		{"a provider's sending address", []string{"posta-certificata@beta.example.com"}, plain.bytes(), 550},
		{"header bomb", []string{one}, bytes.Repeat([]byte("X: y\r\n"), 200_000), 554},
		{"over 100 MiB", []string{one}, make([]byte, 100<<20+1), 552},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := c.Arrive("estraneo@example.net", test.to, test.mail)
			smtp, ok := errors.AsType[*pectest.SMTPError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, test.code, smtp.Code, err)
			require.Zero(t, c.Stored())
		})
	}
}

// TestArriveAgain: what the circuit issued can be sent again, whole or damaged,
// to the right mailbox or another.
func TestArriveAgain(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t)
	submit(t, c, letter{to: []string{one}})
	transport := c.Mailbox(one).Last(pec.KindTransport)
	receipt := c.Mailbox(sender).Last(pec.KindDelivery)
	taken := c.Provider("alfa.example.it").Service().Last(pec.KindTakingInCharge)
	c.Clear()

	require.NoError(t, c.Arrive(sender, []string{one}, transport.Raw))
	require.Equal(t, []string{"posta-certificata"}, inBox(t, c, c.Mailbox(one)), "an envelope that comes twice is delivered twice")
	require.Equal(t, []string{"avvenuta-consegna " + one}, inBox(t, c, c.Mailbox(sender)))
	c.Clear()

	require.NoError(t, c.Arrive(sender, []string{two}, transport.Raw))
	require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(two)), "the certification data do not name this recipient")
	require.Zero(t, c.Mailbox(sender).Len())
	c.Clear()

	require.NoError(t, c.Arrive("posta-certificata@beta.example.com", []string{sender}, receipt.Raw))
	require.Equal(t, []string{"avvenuta-consegna " + one}, inBox(t, c, c.Mailbox(sender)))
	require.Equal(t, receipt.Raw, firstOf(c.Mailbox(sender)).Raw, "a receipt is delivered unmodified")
	c.Clear()

	require.NoError(t, c.Arrive("posta-certificata@beta.example.com", []string{"servizio@alfa.example.it"}, taken.Raw))
	require.Equal(t, 1, c.Provider("alfa.example.it").Service().Len())
	require.NoError(t, c.Arrive("posta-certificata@beta.example.com", []string{sender}, taken.Raw))
	require.Zero(t, c.Mailbox(sender).Len(), "a taking in charge is never for a user")
	require.Equal(t, 2, c.Provider("alfa.example.it").Service().Len())
	c.Clear()

	changed := bytes.Replace(receipt.Raw, []byte("Ricevuta di avvenuta consegna"), []byte("Ricevuta di avvenuta Consegna"), 1)
	require.NotEqual(t, receipt.Raw, changed)
	require.NoError(t, c.Arrive("posta-certificata@beta.example.com", []string{sender}, changed))
	require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(sender)))
	c.Clear()

	require.NoError(t, c.Arrive("estraneo@example.net", []string{two}, letter{from: "estraneo@example.net", to: []string{two}}.bytes()))
	anomaly := firstOf(c.Mailbox(two))
	require.NoError(t, c.Arrive("estraneo@example.net", []string{one}, anomaly.Raw))
	require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(one)), "an anomaly envelope certifies nothing, wherever it comes from")
	require.Contains(t, string(firstOf(c.Mailbox(one)).Raw), "non =E8 conforme", "but a provider signed it")
	c.Clear()

	// The signature is whole, but a header field that is none of the message's.
	other := append([]byte("X-Ricevuta: accettazione\r\n"), transport.Raw...)
	require.NoError(t, c.Arrive(sender, []string{one}, other))
	require.Equal(t, []string{"anomalia"}, inBox(t, c, c.Mailbox(one)))
	r := certified(t, c, firstOf(c.Mailbox(one)))
	text := string(firstOf(c.Mailbox(one)).Raw)
	require.Contains(t, text, "non =E8 conforme", "it comes from a provider, and that is what is said")
	require.Len(t, r.Layers, 1)
}

// TestArriveFull: a circuit that is full takes nothing from outside either.
func TestArriveFull(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithMaxStorage(1))
	mail := letter{from: "estraneo@example.net", to: []string{one}}.bytes()
	require.NoError(t, c.Arrive("estraneo@example.net", []string{one}, mail))
	smtp, ok := errors.AsType[*pectest.SMTPError](c.Arrive("estraneo@example.net", []string{one}, mail))
	require.True(t, ok)
	require.Equal(t, 452, smtp.Code)
	require.Equal(t, 1, c.Mailbox(one).Len())
}
