package mailbox_test

import (
	"encoding/base64"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/internal/mailbox"
)

// formatHeadCase is one of formatHeads.
type formatHeadCase struct {
	reason, head string
	want         mailbox.Format
}

// formatHeads are first bytes, and the formats that they show.
func formatHeads() []formatHeadCase {
	der := "\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x82\x0f\xf1" + string(make([]byte, 100))
	ber := "\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80" + string(make([]byte, 100))
	b64 := base64.StdEncoding.EncodeToString([]byte(der))
	return []formatHeadCase{
		{"Outlook", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", mailbox.FormatCFB},
		{"winmail.dat", "\x78\x9f\x3e\x22rest", mailbox.FormatTNEF},
		{"Outlook data file", "!BDNrest", mailbox.FormatPST},
		{"PDF", "%PDF-1.4\n", mailbox.FormatPDF},
		{"gzip", "\x1f\x8b\x08\x00", mailbox.FormatGzip},
		{"7-Zip", "7z\xbc\xaf\x27\x1c\x00", mailbox.Format7z},
		{"RAR", "Rar!\x1a\x07\x01\x00", mailbox.FormatRAR},
		{"bzip2", "BZh91AY", mailbox.FormatBzip2},
		{"xz", "\xfd7zXZ\x00", mailbox.FormatXZ},
		{"CAdES in DER", der, mailbox.FormatCAdES},
		{"CAdES in BER, indefinite length", ber, mailbox.FormatCAdES},
		{"CAdES in base64, one line", b64, mailbox.FormatCAdES},
		{"CAdES in base64, folded", b64[:20] + "\r\n" + b64[20:40] + "\r\n" + b64[40:], mailbox.FormatCAdES},
		{"CAdES in PEM", string(pem.EncodeToMemory(&pem.Block{Type: "PKCS7", Bytes: []byte(der)})), mailbox.FormatCAdES},
		{"CAdES in PEM, other label", string(pem.EncodeToMemory(&pem.Block{Type: "SIGNATURE", Bytes: []byte(der)})), mailbox.FormatCAdES},
		{"a certificate in PEM is not mail, but no such thing", "-----BEGIN CERTIFICATE-----\nMIIB\n", mailbox.FormatNone},
		{"DER of another type", "\x30\x82\x10\x00\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03", mailbox.FormatNone},
		{"mail", mail, mailbox.FormatNone},
		{"empty", "", mailbox.FormatNone},
		{"one byte", "0", mailbox.FormatNone},
		{"text", "MIIciao mondo", mailbox.FormatNone},
	}
}

func TestDetectFormat(t *testing.T) {
	t.Parallel()
	for _, c := range formatHeads() {
		require.Equal(t, c.want, mailbox.DetectFormat([]byte(c.head)), c.reason)
	}
}

func TestEveryFormatHasAHintInBothLanguages(t *testing.T) {
	t.Parallel()
	for f := mailbox.FormatCFB; f <= mailbox.FormatXZ; f++ {
		for _, lang := range []string{"en", "it"} {
			require.NotEmpty(t, f.Name(lang))
			require.NotEmpty(t, f.Hint(lang))
		}
		require.NotEqual(t, f.Name("en"), f.Name("it"))
		require.NotEqual(t, f.Hint("en"), f.Hint("it"))
	}
}

func TestSignedFileOfOpenSSL(t *testing.T) {
	t.Parallel()
	openssl := counterpart.Look(t, "openssl")
	dir := t.TempDir()
	eml := write(t, filepath.Join(dir, "a.eml"), mail)
	run := func(args ...string) {
		cmd := exec.CommandContext(t.Context(), openssl, args...)
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=test", "-keyout", "key.pem", "-out", "cert.pem", "-days", "1")
	for _, form := range []string{"DER", "PEM"} {
		run("cms", "-sign", "-nodetach", "-binary", "-in", eml, "-signer", "cert.pem", "-inkey", "key.pem", "-outform", form, "-out", "a.eml.p7m")
		file := filepath.Join(dir, "a.eml.p7m")
		got, _ := walk(t, file, nil)
		require.Equal(t, []found{bad(file, mailbox.CodeUnreadable, mailbox.ReasonFormat)}, got, form)
	}
	run("cms", "-verify", "-noverify", "-inform", "PEM", "-in", "a.eml.p7m", "-out", "back.eml")
	back, err := os.ReadFile(filepath.Join(dir, "back.eml"))
	require.NoError(t, err)
	require.Equal(t, mail, string(back), "the command of the hint gives the message back")
}
