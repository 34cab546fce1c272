package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/gopec/gopec/cmd/pecbox/internal/account"
)

// announce says where the box listens and how to use it.
func (b *box) announce(w io.Writer) error {
	if b.config.json {
		return b.announceJSON(w)
	}
	text := b.config.lang.choose(announcementEnglish, announcementItalian)
	var users, own []string
	for _, a := range b.accounts.All() {
		switch a.Role {
		case account.RoleUser:
			users = append(users, a.Name)
		case account.RoleService, account.RoleQuarantine:
			own = append(own, a.Name)
		}
	}
	_, err := strings.NewReplacer(
		"{host}", b.host, "{password}", b.config.password,
		"{smtps}", fmt.Sprint(b.port(smtps)), "{smtp}", fmt.Sprint(b.port(smtpStartTLS)),
		"{imaps}", fmt.Sprint(b.port(imaps)), "{imap}", fmt.Sprint(b.port(imapStartTLS)),
		"{management}", b.managementURL(),
		"{users}", strings.Join(users, "\n  "), "{own}", strings.Join(own, "\n  "), "{outside}", account.Outside,
	).WriteString(w, text)
	return err
}

func (b *box) managementURL() string { return fmt.Sprintf("http://127.0.0.1:%d", b.port(management)) }

// announcement is one line of JSON. Every key is always there.
type announcement struct {
	Schema     string         `json:"schema"`
	Host       string         `json:"host"`
	Ports      map[string]int `json:"ports"`
	Management string         `json:"management"`
	Password   string         `json:"password"`
	Mailboxes  []mailbox      `json:"mailboxes"`
}

type mailbox struct {
	Name string       `json:"name"`
	Role account.Role `json:"role"`
}

func (b *box) announceJSON(w io.Writer) error {
	a := announcement{Schema: "pecbox/1", Host: b.host, Ports: make(map[string]int), Management: b.managementURL(), Password: b.config.password}
	for i, s := range serverKinds {
		a.Ports[s.name] = b.port(i)
	}
	for _, m := range b.accounts.All() {
		a.Mailboxes = append(a.Mailboxes, mailbox{m.Name, m.Role})
	}
	return json.NewEncoder(w).Encode(a)
}

const announcementEnglish = `PEC TEST — NO LEGAL VALUE
A PEC circuit in memory. Nothing is kept when it stops; Ctrl-C stops it.

Point a mail program at it
  sending    {host}, port {smtps} with SSL/TLS (or {smtp} with STARTTLS)
  receiving  IMAP, {host}, port {imaps} with SSL/TLS (or {imap} with STARTTLS)
  user       the whole address, such as mittente@pec.example.it
  password   {password}
  authority  for the servers' certificate, to be believed for this test only:
             {management}/tls-ca.pem

Mailboxes
  {users}
of the providers themselves, to be read only
  {own}
  {outside} (what left to ordinary mail)

Recipients that fail, in any domain of the box
  full@ nobody@ nodomain@ virus@ late12h@ silent@ stuck@ damaged@ external@

For tests: {management}/
  curl -d advance=12h {management}/clock
  curl -o pecbox-ca.pem {management}/ca.pem && pecverify -trust pecbox-ca.pem MESSAGE.eml
`

const announcementItalian = `PROVA DI PEC — SENZA VALORE LEGALE
Un circuito PEC in memoria. Quando si ferma non resta nulla; Ctrl-C lo ferma.

Come collegare un programma di posta
  invio      {host}, porta {smtps} con SSL/TLS (oppure {smtp} con STARTTLS)
  ricezione  IMAP, {host}, porta {imaps} con SSL/TLS (oppure {imap} con STARTTLS)
  utente     l'indirizzo intero, per esempio mittente@pec.example.it
  password   {password}
  autorità   per il certificato dei server, di cui fidarsi solo per questa prova:
             {management}/tls-ca.pem

Caselle
  {users}
dei gestori stessi, in sola lettura
  {own}
  {outside} (ciò che è uscito verso la posta ordinaria)

Destinatari che falliscono, in ogni dominio del circuito
  full@ nobody@ nodomain@ virus@ late12h@ silent@ stuck@ damaged@ external@

Per le prove automatiche: {management}/
  curl -d advance=12h {management}/clock
  curl -o pecbox-ca.pem {management}/ca.pem && pecverify -trust pecbox-ca.pem MESSAGGIO.eml
`
