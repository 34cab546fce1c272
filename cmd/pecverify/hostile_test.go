package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/safename"
	"github.com/gopec/gopec/internal/testsign"
)

// hostileField puts outside text into one field of a message.
type hostileField struct {
	name string
	mail func(text string) []byte
}

// encoded is a header value that every reader decodes to the text.
func encoded(s string) string {
	return "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(s)) + "?="
}

// headerField puts the text into a field of the header: in an encoded word, and
// as raw as a header can hold it.
func headerField(name, before, after string) hostileField {
	return hostileField{"header " + name, func(text string) []byte {
		raw := strings.NewReplacer("\r", " ", "\n", " ").Replace(text)
		return testsign.Message{Kind: daticert.TypeTransport, Set: []testsign.Field{
			{Name: name, Value: before + encoded(text) + " " + raw + after},
		}}.Bytes()
	}}
}

// element puts the text into an element of daticert.xml, with references to
// characters behind it.
func element(name, references string) hostileField {
	return hostileField{"daticert " + name + references, func(text string) []byte {
		m := testsign.Message{Kind: daticert.TypeDeliveryError}
		m.EditXML = func(xml []byte) []byte {
			open, close := "<"+name, "</"+name+">"
			start := bytes.Index(xml, []byte(open))
			end := bytes.Index(xml, []byte(close))
			if start < 0 || end < 0 {
				return xml
			}
			start += bytes.IndexByte(xml[start:], '>') + 1
			return bytes.Join([][]byte{xml[:start], []byte(text), xml[start:end], []byte(references), xml[end:]}, nil)
		}
		return m.Bytes()
	}}
}

func subjectOfCertificate(text string) []byte {
	by := testsign.Certificate{
		Subject:   testsign.NewName("Gestore "+text, "Firmatario "+text),
		Addresses: []string{"posta-certificata@pec.example.it"}, KeyType: testsign.P256,
	}.IssuedBy(testsign.NewCircle().Root)
	return testsign.Message{Kind: daticert.TypeAcceptance, By: by}.Bytes()
}

func issuerOfCertificate(text string) []byte {
	root := testsign.Certificate{CA: true, Subject: testsign.NewName("PEC TEST "+text, "PEC TEST CA "+text), KeyType: testsign.P256}.SelfSigned()
	by := testsign.Certificate{Addresses: []string{"posta-certificata@pec.example.it"}, KeyType: testsign.P256}.IssuedBy(root)
	return testsign.Message{Kind: daticert.TypeAcceptance, By: by}.Bytes()
}

func addressOfCertificate(text string) []byte {
	by := testsign.Certificate{Addresses: []string{"posta-" + text + "@pec.example.it"}, KeyType: testsign.P256}.IssuedBy(testsign.NewCircle().Root)
	return testsign.Message{Kind: daticert.TypeAcceptance, By: by}.Bytes()
}

func subjectCertified(text string) []byte {
	m := testsign.Message{Kind: daticert.TypeTransport}
	m.Data.Subject = "oggetto " + text + " fine"
	return m.Bytes()
}

func nameOfAttachment(text string) []byte {
	m := testsign.Message{Kind: daticert.TypeDelivery}
	m.Original = bytes.ReplaceAll(m.OriginalMail(), []byte("verbale.pdf"), []byte(encoded("a"+text+"b.pdf")))
	return m.Bytes()
}

func oneInside(text string) []byte {
	return testsign.MailingList(subjectCertified(text), "lista@example.it")
}

func hostileFields() []hostileField {
	fields := []hostileField{
		{"subject in data and header", subjectCertified},
		{"certificate subject", subjectOfCertificate},
		{"certificate issuer", issuerOfCertificate},
		{"certificate address", addressOfCertificate},
		{"attachment", nameOfAttachment},
		{"an inner layer", oneInside},
		headerField("From", `"`, `@example.com" <posta-certificata@pec.example.it>`),
		headerField("Sender", `"`, `@example.com" <altro@pec.example.it>`),
		headerField("Reply-To", "", "@example.com"),
		headerField("To", "", "@example.com"),
	}
	for _, name := range []string{"Subject", "Date", "Message-ID", "X-Trasporto", "X-Ricevuta", "X-TipoRicevuta",
		"X-Riferimento-Message-ID", "X-VerificaSicurezza", "Content-Type"} {
		fields = append(fields, headerField(name, "", ""))
	}
	for _, name := range []string{"mittente", "destinatari", "risposte", "oggetto", "gestore-emittente", "giorno", "ora", "identificativo", "msgid", "consegna", "errore-esteso"} {
		fields = append(fields, element(name, ""), element(name, "&#x9b;2J&#x202e;&#x2028;"))
	}
	for _, name := range []string{"oggetto", "errore-esteso", "msgid", "risposte"} { // where XML's rules are relaxed
		fields = append(fields, element(name, "&#27;[2J&#0;"))
	}
	return fields
}

// Whatever a message says, in whatever field, no control character, bidi mark
// or ill-formed byte of it reaches the terminal, in text or JSON, in either
// language.
func TestNothingHarmfulIsPrinted(t *testing.T) {
	t.Parallel()
	dir, ca := t.TempDir(), testAuthority(t)
	for _, f := range hostileFields() {
		// All classes at once, and then each alone: one can hide another, as a NUL
		// hides what a decoder does not read behind it.
		texts := append([]string{strings.Join(hostileRunes, "x")}, hostileRunes...)
		for _, text := range texts {
			path := filepath.Join(dir, "ostile.eml")
			require.NoError(t, os.WriteFile(path, f.mail(text), 0o600))
			for _, args := range [][]string{{"-lang", "it"}, {"-json", "-lang", "en"}} {
				var stdout, stderr bytes.Buffer
				status := command(append(args, "-trust", ca, "-to", "a@example.it", path), nil, &stdout, &stderr)
				require.Contains(t, []int{exitCertified, exitNotCertified}, status, "%s %q", f.name, text)
				require.Empty(t, harmful(stdout.String()), "%s with %q: %s", f.name, text, stdout.String())
				require.Empty(t, harmful(stderr.String()), "%s with %q: %s", f.name, text, stderr.String())
				if args[0] == "-json" {
					require.True(t, json.Valid(stdout.Bytes()))
					require.Equal(t, 1, strings.Count(stdout.String(), "\n"))
				}
			}
		}
	}
}

// The fields of TestNothingHarmfulIsPrinted are fields that are printed: an
// ordinary word put there is seen.
func TestHostileFieldsAreShown(t *testing.T) {
	t.Parallel()
	dir, ca := t.TempDir(), testAuthority(t)
	unseen := map[string]bool{
		"header Date":         true, // compared as a time
		"header Content-Type": true, // its parameters are not named
		"header X-Ricevuta":   true, // a transport envelope has none
	}
	for _, f := range hostileFields() {
		path := filepath.Join(dir, "a.eml")
		require.NoError(t, os.WriteFile(path, f.mail("quokka"), 0o600))
		var stdout, stderr bytes.Buffer
		command([]string{"-json", "-trust", ca, path}, nil, &stdout, &stderr)
		command([]string{"-trust", ca, path}, nil, &stdout, &stderr)
		if !unseen[f.name] {
			require.Contains(t, stdout.String(), "quokka", f.name)
		}
	}
}

// Names of attachments come from whoever wrote the message, and become names of
// files.
func TestExtractHostileAttachments(t *testing.T) {
	t.Parallel()
	names := []string{
		"../../fuori.txt", "/etc/passwd", `C:\Windows\system.ini`, "daticert.xml", "postacert.eml", "manifest.json", "certificati.pem",
		".bashrc", "CON", "nul.txt", "a\nb.pdf", "\x1b[2J.pdf", "\u202egpj.exe", "doc.pdf", "doc.pdf", "DOC.PDF", "", strings.Repeat("a", 300) + ".pdf", "..", "a/../../b",
	}
	var original strings.Builder
	original.WriteString("From: mittente@pec.example.it\r\nTo: destinatario@pec.example.com\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n")
	for i, name := range names {
		original.WriteString("--b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"" + encoded(name) + "\"\r\n\r\n" + strings.Repeat("x", i+1) + "\r\n")
	}
	original.WriteString("--b--\r\n")
	mail := filepath.Join(t.TempDir(), "a.eml")
	m := testsign.Message{Kind: daticert.TypeTransport, Original: []byte(original.String())}
	require.NoError(t, os.WriteFile(mail, m.Bytes(), 0o600))

	parent := t.TempDir()
	out := filepath.Join(parent, "out")
	var stdout, stderr bytes.Buffer
	status := command([]string{"-trust", testAuthority(t), "-extract", out, mail}, nil, &stdout, &stderr)
	require.Equal(t, exitCertified, status, "%s", stderr.String())
	got := tree(t, parent)
	folder := "out/0001-" + safename.Letters(m.Certified().ID, 60) + "/"
	for name := range got {
		require.True(t, name == "out/" || strings.HasPrefix(name, folder), "%q", name)
	}
	// What is certified keeps its name; an attachment of that name gets another.
	require.Equal(t, string(m.DatiCert()), got[folder+"daticert.xml"])
	require.Equal(t, original.String(), got[folder+"postacert.eml"])
	require.Contains(t, got[folder+"certificati.pem"], "BEGIN CERTIFICATE")
	require.Equal(t, strings.Repeat("x", 4), got[folder+"daticert-2.xml"])
	require.Equal(t, strings.Repeat("x", 1), got[folder+"fuori.txt"])
	require.Equal(t, strings.Repeat("x", 9), got[folder+"_CON"])

	var manifest struct {
		Certified bool
		Files     []struct{ Name, Original string }
	}
	require.NoError(t, json.Unmarshal([]byte(got[folder+"manifest.json"]), &manifest))
	require.Empty(t, harmful(got[folder+"manifest.json"]))
	require.True(t, manifest.Certified)
	require.Len(t, manifest.Files, 3+len(names))
	seen := map[string]bool{}
	for _, f := range manifest.Files {
		require.Contains(t, got, folder+f.Name)
		require.False(t, seen[strings.ToLower(f.Name)], "two files would be one on Windows: %s", f.Name)
		seen[strings.ToLower(f.Name)] = true
	}
	if runtime.GOOS != "windows" {
		info, err := os.Stat(filepath.Join(parent, folder, "fuori.txt"))
		require.NoError(t, err)
		require.Equal(t, os.FileMode(0o600), info.Mode())
	}
}
