// Command large prints a transport envelope with a large attachment, signed
// under an authority of its own, which nobody believes.
//
//	go run ./docs/test/large -size 30000000
package main

import (
	"flag"
	"log"
	"os"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

func main() {
	size := flag.Int("size", 30_000_000, "bytes of the attachment, as it stands in the message")
	flag.Parse()
	line := strings.Repeat("QUJD", 19) + "\r\n"
	original := strings.Join([]string{
		"From: mittente@pec.example.it", "To: destinatario@pec.example.com", "Subject: Trasmissione del verbale",
		"MIME-Version: 1.0", `Content-Type: multipart/mixed; boundary="grande"`, "",
		"--grande", "Content-Type: text/plain; charset=us-ascii", "", "In allegato.",
		"--grande", `Content-Type: application/zip; name="grande.zip"`, "Content-Transfer-Encoding: base64",
		`Content-Disposition: attachment; filename="grande.zip"`, "", "",
	}, "\r\n") + strings.Repeat(line, *size/len(line)+1) + "--grande--\r\n"
	m := testsign.Message{Kind: daticert.TypeTransport, Original: []byte(original)}
	m.OriginalPart = testsign.Part{Encoding: "7bit", Body: []byte(original)}
	if _, err := os.Stdout.Write(m.Bytes()); err != nil {
		log.Fatal(err)
	}
}
