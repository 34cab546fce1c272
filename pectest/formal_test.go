package pectest_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/pec"
	"github.com/gopec/gopec/pectest"
)

// TestFormalChecks: each check of the access point, and what just passes it.
//
// spec: RFC 6109 §3.1.1
func TestFormalChecks(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithMaxWeight(10_000))
	const from, to = "From: mittente@pec.example.it\r\n", "To: destinatario@pec.example.com\r\n"
	pad := func(header string, size int) string {
		return header + "\r\n" + strings.Repeat("a", size-len(header)-2)
	}
	for _, test := range []struct {
		name, mail string
		to         []string
		reason     string // in the notice; "" if the mail is accepted
	}{
		{"plain", from + to, nil, ""},
		{"no From", to, nil, "From manca"},
		{"two From fields", from + from + to, nil, "From non contiene un solo"},
		{"two addresses in From", "From: mittente@pec.example.it, a@pec.example.it\r\n" + to, nil, "From non contiene un solo"},
		{"broken From", "From: mittente\r\n" + to, nil, "From non contiene un solo"},
		{"another From", "From: ufficio@pec.example.it\r\n" + to, nil, "non coincide"},
		{"From in other case", "From: Mittente <MITTENTE@PEC.example.it>\r\n" + to, nil, ""},
		{"no To", from + "Cc: destinatario@pec.example.com\r\n", nil, "To manca"},
		{"empty To", from + "To: \r\n", nil, "To non contiene"},
		{"broken To", from + "To: destinatario\r\n", nil, "To non contiene"},
		{"group without members", from + "To: undisclosed-recipients:;\r\n", nil, "To non contiene"},
		{"two To fields", from + to + to, nil, "To non contiene"},
		{"broken Cc", from + to + "Cc: <>\r\n", nil, "Cc non contiene"},
		{"empty Cc", from + to + "Cc: \r\n", nil, ""},
		{"recipient not in the header", from + to, []string{one, two}, "mancano nei campi To e Cc: " + two},
		{"address that is no recipient", from + to + "Cc: " + two + "\r\n", []string{one}, "non sono tra i destinatari: " + two},
		{"recipient in other case", from + to, []string{"Destinatario@PEC.Example.com"}, ""},
		{"recipient twice", from + to, []string{one, "DESTINATARIO@pec.example.com"}, ""},
		{"Bcc", from + to + "Bcc: " + two + "\r\n", nil, "Bcc"},
		{"empty Bcc", from + to + "Bcc: \r\n", nil, ""},
		{"unknown kind of receipt", from + to + "X-TipoRicevuta: lunga\r\n", nil, "X-TipoRicevuta"},
		{"as heavy as allowed", pad(from+to, 10_000), nil, ""},
		{"too heavy by one byte", pad(from+to, 10_001), nil, "10001 byte"},
		{"as heavy as allowed for two", pad(from+"To: "+one+", "+two+"\r\n", 5_000), []string{one, two}, ""},
		{"too heavy for two", pad(from+"To: "+one+", "+two+"\r\n", 5_001), []string{one, two}, "10002 byte"},
		{"no header", "\r\nciao\r\n", nil, "From manca"},
		{"nothing", "", nil, "From manca"},
		{"two reasons", "Bcc: a@b.it\r\n", nil, "From manca; il campo To manca; il campo Bcc"},
	} {
		t.Run(test.name, func(t *testing.T) {
			mail, to := test.mail, test.to
			if !strings.Contains(mail, "\r\n\r\n") && mail != "" {
				mail += "\r\nciao\r\n"
			}
			if to == nil {
				to = []string{one}
			}
			box := c.Mailbox(sender)
			box.Clear()
			s, err := c.Submit(sender, to, []byte(mail))
			require.NoError(t, err)
			require.Equal(t, test.reason == "", s.Accepted, s.Reason)
			if s.Accepted {
				require.Equal(t, pec.KindAcceptance, firstOf(box).Kind)
				return
			}
			require.Equal(t, []string{"non-accettazione"}, inBox(t, c, box))
			r := certified(t, c, firstOf(box))
			require.Equal(t, s.Reason, r.Data.ErrorExtended)
			require.Contains(t, s.Reason, test.reason)
			require.Equal(t, daticert.ErrorOther, r.Data.Error)
			require.Equal(t, s.ID, r.Data.ID)
		})
	}
}

// TestSMTP: what is turned away before there is anything to certify leaves no
// trace.
func TestSMTP(t *testing.T) {
	t.Parallel()
	c := pectest.Start(t, pectest.WithMaxStorage(100_000))
	var many []string
	for i := range 1001 {
		many = append(many, fmt.Sprintf("u%d@pec.example.com", i))
	}
	plain := letter{to: []string{one}}.bytes()
	nested := strings.Repeat("Content-Type: message/rfc822\r\n\r\n", 30)
	for _, test := range []struct {
		name, from string
		to         []string
		mail       []byte
		code       int
		enhanced   [3]int
	}{
		{"a stranger", "estraneo@example.net", []string{one}, plain, 550, [3]int{5, 7, 1}},
		{"nobody's mailbox", "nessuno@pec.example.it", []string{one}, plain, 550, [3]int{5, 7, 1}},
		{"no recipient", sender, nil, plain, 554, [3]int{5, 5, 1}},
		{"1001 recipients", sender, many, plain, 452, [3]int{4, 5, 3}},
		{"no address", sender, []string{"destinatario"}, plain, 553, [3]int{5, 1, 3}},
		{"an address outside ASCII", sender, []string{"perché@pec.example.com"}, plain, 553, [3]int{5, 1, 3}},
		{"a quoted address", sender, []string{`"a b"@pec.example.com`}, plain, 553, [3]int{5, 1, 3}},
		{"a break in the address", sender, []string{one + "\r\nX: y"}, plain, 553, [3]int{5, 1, 3}},
		{"over 100 MiB", sender, []string{one}, make([]byte, 100<<20+1), 552, [3]int{5, 3, 4}},
		{"header bomb", sender, []string{one}, append(bytes.Repeat([]byte("X-Riga: a\r\n"), 100_000), plain...), 554, [3]int{5, 6, 0}},
		{"nested too deep", sender, []string{one}, append(plain[:bytes.Index(plain, []byte("MIME-Version"))], nested...), 554, [3]int{5, 6, 0}},
		{"Message-ID of a kilobyte", sender, []string{one}, append([]byte("Message-ID: <"+strings.Repeat("a", 1000)+"@b>\r\n"), plain...), 554, [3]int{5, 6, 0}},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := c.Submit(test.from, test.to, test.mail)
			smtp, ok := errors.AsType[*pectest.SMTPError](err)
			require.True(t, ok, "%v", err)
			require.Equal(t, test.code, smtp.Code, err)
			require.Equal(t, test.enhanced, smtp.Enhanced, err)
			require.Zero(t, c.Stored(), "nothing is kept, not even a line of the log")
		})
	}
	t.Run("full", func(t *testing.T) {
		for {
			s, err := c.Submit(sender, []string{one}, plain)
			if smtp, ok := errors.AsType[*pectest.SMTPError](err); ok {
				require.Equal(t, 452, smtp.Code)
				break
			}
			require.NoError(t, err)
			require.True(t, s.Accepted)
			require.Less(t, c.Stored(), int64(200_000), "the limit holds but for the last submission")
		}
		require.GreaterOrEqual(t, c.Stored(), int64(100_000))
		c.Clear()
		require.Zero(t, c.Stored())
		submit(t, c, letter{to: []string{one}})
	})
}
