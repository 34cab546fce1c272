// Command hostile prints, as JSON, messages that are certified under an
// authority of their own and whose facts, file names and contents would act on
// a page that took them for markup.
//
//	go run ./docs/test/hostile
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

const (
	script = `<script>alert(20)</script><img src=http://evil.example/d.png onerror=alert(21)>`
	page   = `<html><base href="http://evil.example/"><meta http-equiv="refresh" content="0;url=http://evil.example/r"><img src="http://evil.example/i.png"><script>alert(22)</script></html>`
)

type message struct {
	Name string `json:"name"`
	Mail []byte `json:"mail"` // base64
}

func main() {
	circle := testsign.NewCircle()
	original := strings.Join([]string{
		`From: "` + script + `" <mittente@pec.example.it>`, "To: destinatario@pec.example.com", "Subject: " + script,
		"MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="x"`, "",
		"--x", "Content-Type: text/html; charset=utf-8", "", page,
		"--x", "Content-Type: text/html", `Content-Disposition: attachment; filename="../<b onmouseover=alert(23)>.html"`, "", page,
		"--x", "Content-Type: image/svg+xml", `Content-Disposition: attachment; filename="disegno.svg"`, "",
		`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(24)"><script>alert(25)</script></svg>`, "--x--", "",
	}, "\r\n")
	facts := daticert.Data{Subject: script, Provider: "Gestore <img src=http://evil.example/g.png>"}
	var out struct {
		CA       string    `json:"ca"`
		Messages []message `json:"messages"`
	}
	out.CA = string(circle.Root.PEM())
	for name, m := range map[string]testsign.Message{
		"delivery":  {Kind: daticert.TypeDelivery, Data: facts, Original: []byte(original)},
		"transport": {Kind: daticert.TypeTransport, Data: facts, Original: []byte(original)},
		"error":     {Kind: daticert.TypeDeliveryError, Data: daticert.Data{Subject: script, ErrorExtended: "5.1.1 - " + script}},
		"claims": {Kind: daticert.TypeDelivery, Set: []testsign.Field{{Name: "Subject", Value: "CONSEGNA: " + script},
			{Name: "Reply-To", Value: "javascript:alert(26)"}, {Name: "X-Ricevuta", Value: script}}},
	} {
		out.Messages = append(out.Messages, message{name, m.Bytes()})
	}
	if err := json.NewEncoder(os.Stdout).Encode(out); err != nil {
		log.Fatal(err)
	}
}
