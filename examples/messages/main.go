// Command messages writes the example messages: one of each kind of RFC 6109,
// a forgery and a tampered one, the copy that the sender kept of what it sent,
// and the certificate of the authority that certified the two providers in them.
//
//	go run ./examples/messages examples/messages
//
// The keys live in this process and die with it. Nobody can sign another
// message under test-ca.pem, and none of these has legal value. To write them
// again is to write other bytes.
package main

import (
	"bytes"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: messages FOLDER")
	}
	c := newCircuit("PEC TEST CA - NO LEGAL VALUE")
	write(os.Args[1], "test-ca.pem", c.root.PEM())
	for name, m := range c.messages() {
		write(os.Args[1], name+".eml", m.Bytes())
	}
}

func write(dir, name string, b []byte) {
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, b, 0o644); err != nil {
		log.Fatal(err)
	}
	fmt.Println(path)
}

// circuit is an authority with a sender's and a recipient's provider. The
// certificates last long, so that the examples say the same for many years.
type circuit struct{ root, sender, recipient *testsign.Identity }

func newCircuit(name string) circuit {
	from, to := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2055, 12, 31, 0, 0, 0, 0, time.UTC)
	const uno, due = "Gestore Uno di prova S.p.A.", "Gestore Due di prova S.p.A."
	root := testsign.Certificate{
		CA: true, Subject: testsign.NewName("PEC TEST", name), NotBefore: from, NotAfter: to,
		NameConstraints: &testsign.NameConstraints{Permitted: []testsign.Subtree{
			{Email: "pec.example.it"}, {Email: "pec.example.com"},
			{Directory: testsign.NewName(uno, "")}, {Directory: testsign.NewName(due, "")},
		}},
	}.SelfSigned()
	provider := func(organization, host string) *testsign.Identity {
		return testsign.Certificate{
			Subject:   testsign.NewName(organization, "Posta certificata di prova - NO LEGAL VALUE"),
			Addresses: []string{"posta-certificata@" + host}, NotBefore: from, NotAfter: to,
			Key: testsign.Key(testsign.RSA2048, name+host), // a forger has the provider's name, not its key
		}.IssuedBy(root)
	}
	return circuit{root, provider(uno, "pec.example.it"), provider(due, "pec.example.com")}
}

// messages are the examples, by file name.
func (c circuit) messages() map[string]testsign.Message {
	by := func(id *testsign.Identity, kind daticert.Type) testsign.Message {
		return testsign.Message{Kind: kind, By: id}
	}
	set := map[string]testsign.Message{}
	for _, kind := range []daticert.Type{daticert.TypeTransport, daticert.TypeAcceptance, daticert.TypeNonAcceptance, daticert.TypeTimeout} {
		set[string(kind)] = by(c.sender, kind)
	}
	for _, kind := range []daticert.Type{daticert.TypeTakingInCharge, daticert.TypeDelivery, daticert.TypeDeliveryError,
		daticert.TypeVirusDetection, testsign.Anomaly} {
		set[string(kind)] = by(c.recipient, kind)
	}
	expired := by(c.sender, daticert.TypeTimeout)
	expired.Final = true
	set["preavviso-errore-consegna-24-ore"] = expired

	brief := by(c.recipient, daticert.TypeDelivery)
	brief.Data.Receipt = daticert.ReceiptBrief
	set["avvenuta-consegna-breve"] = brief
	concise := by(c.recipient, daticert.TypeDelivery)
	concise.Data.Receipt = daticert.ReceiptConcise
	set["avvenuta-consegna-sintetica"] = concise

	set["contraffatta"] = by(newCircuit("PEC TEST CA OF A FORGER - NO LEGAL VALUE").recipient, daticert.TypeDelivery)
	tampered := by(c.recipient, daticert.TypeDelivery)
	tampered.AfterSign = func(part []byte) []byte {
		return bytes.Replace(part, []byte("verbale.pdf"), []byte("verbali.pdf"), 1)
	}
	set["alterata"] = tampered

	plain := by(c.sender, daticert.TypeTransport)
	set["posta-ordinaria"] = testsign.Message{Kind: daticert.TypeTransport, By: c.sender, NoSignature: true,
		Finish: func([]byte) []byte { return plain.OriginalMail() }}
	set["inviata"] = testsign.Message{Kind: daticert.TypeTransport, By: c.sender, NoSignature: true,
		Finish: func([]byte) []byte { return sentCopy(plain.OriginalMail()) }}
	return set
}

// sentCopy is the copy that the sender's mail program kept of what it sent: its
// own Message-ID, none of the fields that the provider added, another boundary, and
// the text in 8bit. The content is the same.
func sentCopy(enclosed []byte) []byte {
	for _, change := range [][2]string{
		{"Message-ID: <opec21004.20260310101530.00042.217.1.57@pec.example.it>\r\nX-Riferimento-Message-ID: ", "Message-ID: "},
		{"X-TipoRicevuta: completa\r\n", "User-Agent: Programma di posta di prova\r\n"},
		{"boundary=\"=_client_\"", "boundary=\"------------copia\""},
		{"\r\n--=_client_\r\nContent-Type: text", "\r\n--------------copia\r\nContent-Type: text"},
		{"quoted-printable", "8bit"},
		{"l'attivit=C3=A0 =C3=A8", "l'attività è"},
		{"--=_client_\r\nContent-Type: application", "--------------copia\r\nContent-Type: application"},
		{"--=_client_--", "--------------copia--"},
	} {
		if bytes.Count(enclosed, []byte(change[0])) != 1 {
			log.Fatalf("the original does not hold once: %q", change[0])
		}
		enclosed = bytes.Replace(enclosed, []byte(change[0]), []byte(change[1]), 1)
	}
	return enclosed
}
