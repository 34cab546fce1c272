package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
)

// message is a good message of that kind, by the provider whose task it is,
// with text alone so that the file stays small.
func (s *set) message(kind daticert.Type) testsign.Message {
	m := testsign.Message{Kind: kind, By: s.one, TextOnly: true}
	switch kind {
	case takenInCharge, delivery, deliveryError, virus, anomaly:
		m.By = s.two
	}
	return m
}

// with changes a message.
func with(m testsign.Message, change func(*testsign.Message)) testsign.Message {
	change(&m)
	return m
}

// the returns a good message with the changes.
func (s *set) the(kind daticert.Type, change func(*testsign.Message)) testsign.Message {
	return with(s.message(kind), change)
}

// setField, addField and withoutField change the header of a good message.
func (s *set) setField(kind daticert.Type, name, value string) testsign.Message {
	return s.the(kind, func(m *testsign.Message) { m.Set = []testsign.Field{{Name: name, Value: value}} })
}

func (s *set) addField(kind daticert.Type, name, value string) testsign.Message {
	return s.the(kind, func(m *testsign.Message) { m.After = []testsign.Field{{Name: name, Value: value}} })
}

func (s *set) withoutField(kind daticert.Type, name string) testsign.Message {
	return s.the(kind, func(m *testsign.Message) { m.Remove = []string{name} })
}

// signedAs is an acceptance whose signature is written otherwise.
func (s *set) signedAs(data testsign.SignedData) testsign.Message {
	return s.the(acceptance, func(m *testsign.Message) { m.CMS = data })
}

func (s *set) signer(i testsign.SignerInfo) testsign.Message {
	return s.signedAs(testsign.SignedData{Signer: i})
}

// by is an acceptance by somebody else.
func (s *set) by(id *testsign.Identity) testsign.Message {
	return s.the(acceptance, func(m *testsign.Message) { m.By = id })
}

// replace exchanges bytes, which must be there.
func replace(old, new string) func([]byte) []byte {
	return func(b []byte) []byte {
		if !bytes.Contains(b, []byte(old)) {
			panic(fmt.Sprintf("nothing there to replace: %q", old))
		}
		return bytes.Replace(b, []byte(old), []byte(new), 1)
	}
}

// xml is a good message with daticert.xml changed before it is signed.
func (s *set) xml(kind daticert.Type, old, new string) testsign.Message {
	return s.the(kind, func(m *testsign.Message) { m.EditXML = replace(old, new) })
}

// plain writes an ordinary mail of the example's sender, with the identifier
// that its provider gave it: a text, and the given parts.
func plain(subject string, parts ...string) []byte {
	return plainWith("From: "+sender+"\r\nTo: "+recipient+"\r\nSubject: "+subject+"\r\nMessage-ID: <"+exampleID+">\r\n", parts...)
}

func plainWith(fields string, parts ...string) []byte {
	const boundary = "=_client_plain"
	var b strings.Builder
	b.WriteString(fields + "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n")
	for _, p := range append([]string{"Content-Type: text/plain\r\n\r\nBuongiorno."}, parts...) {
		b.WriteString("--" + boundary + "\r\n" + p + "\r\n")
	}
	b.WriteString("--" + boundary + "--\r\n")
	return []byte(b.String())
}

// base64Part writes a part in base64, quotedPart one in quoted-printable,
// forwarded an enclosed message as it is.
func base64Part(mediaType, name string, content []byte) string {
	text := base64.StdEncoding.EncodeToString(content)
	var lines strings.Builder
	for len(text) > 76 {
		lines.WriteString(text[:76] + "\r\n")
		text = text[76:]
	}
	return fmt.Sprintf("Content-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment\r\n\r\n%s%s",
		mediaType, name, lines.String(), text)
}

func quotedPart(mediaType, name string, content []byte) string {
	escaped := strings.NewReplacer("=", "=3D", ".", "=2E", "-", "=2D").Replace(string(content))
	return fmt.Sprintf("Content-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%s", mediaType, name, escaped)
}

func forwarded(mail []byte) string {
	return "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"inoltrato.eml\"\r\n\r\n" + string(mail)
}

// insertPart puts a part into multipart/signed: before the first if at is 0,
// behind the last if it is -1.
func insertPart(mail []byte, part string, at int) []byte {
	_, rest, _ := bytes.Cut(mail, []byte(`boundary="`))
	boundary, _, _ := bytes.Cut(rest, []byte(`"`))
	delimiter := append([]byte("--"), boundary...)
	i := bytes.Index(mail, delimiter)
	if at < 0 {
		i = bytes.LastIndex(mail, append(bytes.Clone(delimiter), "--"...))
	}
	var out bytes.Buffer
	out.Write(mail[:i])
	fmt.Fprintf(&out, "%s\r\n%s\r\n", delimiter, part)
	out.Write(mail[i:])
	return out.Bytes()
}
