package mailbox

import (
	"bytes"
	"encoding/base64"
)

// Format is a file format that people keep mail in, or mistake for mail, and
// that is not read here. The zero value is none of them.
type Format uint8

// The formats, recognised by their first bytes.
const (
	FormatNone  Format = iota
	FormatCFB          // Outlook .msg, and other compound files
	FormatTNEF         // winmail.dat
	FormatPST          // Outlook .pst and .ost
	FormatPDF          // a print of the message
	FormatCAdES        // .p7m: a signature around a file, in DER, base64 or PEM
	FormatGzip         //
	Format7z           //
	FormatRAR          //
	FormatBzip2        //
	FormatXZ           //
)

// headSize is how much of a file is looked at to tell what it is.
const headSize = 4096

// DetectFormat returns the format that a file's first bytes show. 4 KiB are
// enough.
func DetectFormat(head []byte) Format {
	for _, m := range magics {
		if bytes.HasPrefix(head, []byte(m.magic)) {
			return m.format
		}
	}
	if signedData(head) {
		return FormatCAdES
	}
	return FormatNone
}

var magics = []struct {
	magic  string
	format Format
}{
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FormatCFB},
	{"\x78\x9f\x3e\x22", FormatTNEF},
	{"!BDN", FormatPST},
	{"%PDF-", FormatPDF},
	{"\xef\xbb\xbf%PDF-", FormatPDF},
	{"\x1f\x8b\x08", FormatGzip},
	{"7z\xbc\xaf\x27\x1c", Format7z},
	{"Rar!\x1a\x07", FormatRAR},
	{"BZh", FormatBzip2},
	{"\xfd7zXZ\x00", FormatXZ},
}

// oidSignedData is 1.2.840.113549.1.7.2 in DER.
var oidSignedData = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// signedData reports whether a file is a CMS SignedData and nothing around it:
// DER or BER, base64 of that, or PEM.
func signedData(head []byte) bool {
	if contentInfo(head) {
		return true
	}
	text := bytes.TrimLeft(head, " \t\r\n\ufeff")
	if line, rest, ok := bytes.Cut(text, []byte("\n")); ok && bytes.HasPrefix(line, []byte("-----BEGIN ")) {
		return bytes.Contains(line, []byte("PKCS7")) || bytes.Contains(line, []byte("CMS")) || contentInfo(unbase64(rest))
	}
	return contentInfo(unbase64(text))
}

// contentInfo reports whether b starts a ContentInfo of type SignedData: the
// type is the first thing in the outer SEQUENCE, after a length of one to nine
// octets.
func contentInfo(b []byte) bool {
	if len(b) < 2 || b[0] != 0x30 {
		return false
	}
	at := bytes.Index(b[:min(len(b), 11+len(oidSignedData))], oidSignedData)
	return at >= 2
}

// unbase64 decodes the start of a base64 text.
func unbase64(text []byte) []byte {
	clean := make([]byte, 0, 64)
	for _, c := range text {
		if c == '\r' || c == '\n' {
			continue
		}
		if clean = append(clean, c); len(clean) == cap(clean) {
			break
		}
	}
	out := make([]byte, base64.StdEncoding.DecodedLen(len(clean)))
	n, _ := base64.StdEncoding.Decode(out, clean) // what decodes before an error is what counts
	return out[:n]
}

// Name says what the format is, in a language, "it" or else English.
func (f Format) Name(lang string) string { return f.words(lang).name }

// Hint says what to do to have the message verified, in a language, "it" or
// else English.
func (f Format) Hint(lang string) string { return f.words(lang).hint }

type formatWords struct{ name, hint string }

func (f Format) words(lang string) formatWords {
	if lang == "it" {
		return formatsItalian[f]
	}
	return formatsEnglish[f]
}

var formatsEnglish = map[Format]formatWords{
	FormatCFB: {"an Outlook message (.msg) or another compound file",
		"an Outlook .msg does not keep the signed bytes; save the original as .eml from the provider's webmail"},
	FormatTNEF: {"an Outlook attachment container (winmail.dat)",
		"winmail.dat does not keep the signed bytes; save the original as .eml from the provider's webmail"},
	FormatPST: {"an Outlook data file (.pst, .ost)",
		"export the messages as .eml with a program that keeps the original, or save them from the provider's webmail"},
	FormatPDF: {"a PDF document",
		"a print carries no signature of the provider; save the original message as .eml"},
	FormatCAdES: {"a signed file (.p7m)",
		"extract what is signed first, for example: openssl cms -verify -noverify -inform DER -in FILE.p7m -out FILE.eml; pecverify does not verify that signature"},
	FormatGzip:  {"a gzip archive", "decompress it first: gunzip FILE, or tar -xzf FILE"},
	Format7z:    {"a 7-Zip archive", "extract it first, or pack the messages into a .zip"},
	FormatRAR:   {"a RAR archive", "extract it first, or pack the messages into a .zip"},
	FormatBzip2: {"a bzip2 archive", "decompress it first: bunzip2 FILE, or tar -xjf FILE"},
	FormatXZ:    {"an xz archive", "decompress it first: unxz FILE, or tar -xJf FILE"},
}

var formatsItalian = map[Format]formatWords{
	FormatCFB: {"un messaggio di Outlook (.msg) o un altro file composto",
		"un .msg di Outlook non conserva i byte firmati; salvare l'originale come .eml dalla webmail del gestore"},
	FormatTNEF: {"un contenitore di allegati di Outlook (winmail.dat)",
		"winmail.dat non conserva i byte firmati; salvare l'originale come .eml dalla webmail del gestore"},
	FormatPST: {"un archivio di Outlook (.pst, .ost)",
		"esportare i messaggi come .eml con un programma che conserva l'originale, o salvarli dalla webmail del gestore"},
	FormatPDF: {"un documento PDF",
		"una stampa non porta la firma del gestore; salvare il messaggio originale come .eml"},
	FormatCAdES: {"un file firmato (.p7m)",
		"estrarre prima il contenuto firmato, per esempio: openssl cms -verify -noverify -inform DER -in FILE.p7m -out FILE.eml; pecverify non verifica quella firma"},
	FormatGzip:  {"un archivio gzip", "decomprimerlo prima: gunzip FILE, o tar -xzf FILE"},
	Format7z:    {"un archivio 7-Zip", "estrarlo prima, o mettere i messaggi in uno .zip"},
	FormatRAR:   {"un archivio RAR", "estrarlo prima, o mettere i messaggi in uno .zip"},
	FormatBzip2: {"un archivio bzip2", "decomprimerlo prima: bunzip2 FILE, o tar -xjf FILE"},
	FormatXZ:    {"un archivio xz", "decomprimerlo prima: unxz FILE, o tar -xJf FILE"},
}
