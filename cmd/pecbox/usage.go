package main

func usage(l language) string { return l.choose(usageEnglish, usageItalian) }

const usageEnglish = `Usage: pecbox [flags]

Runs a PEC circuit in memory as mail servers (SMTP submission and IMAP), to try
mail programs and software for PEC without a provider. No legal value: its
authority is made at the start, and nothing is kept.

  -json                 say in one line of JSON where it listens
  -lang it|en           language of the text; default from the locale
  -any-port             any free port for each server that is given none
  -smtps-port PORT      submission with SSL/TLS; default 20465
  -smtp-port PORT       submission with STARTTLS; default 20587
  -imaps-port PORT      IMAP with SSL/TLS; default 20993
  -imap-port PORT       IMAP with STARTTLS; default 20143
  -management-port PORT HTTP for tests, always on 127.0.0.1; default 20080.
                        Port 0 is any free one
  -listen IP            address of the mail servers; default 127.0.0.1. On any
                        other, everyone who reaches it can use them
  -name HOST            another name or address for the certificate; repeatable
  -password PASSWORD    of every mailbox; default pectest
  -mailbox ADDRESS      another mailbox; repeatable
  -adversary SEED       vary all that norm and practice leave to providers
  -h                    print this text

Exit status: 0 stopped by Ctrl-C, 1 a server failed, 2 it did not start.

Example:
  pecbox -any-port -json
`

const usageItalian = `Uso: pecbox [opzioni]

Fa funzionare un circuito PEC in memoria come server di posta (invio SMTP e
IMAP), per provare programmi di posta e software per la PEC senza un gestore.
Nessun valore legale: la sua autorità nasce all'avvio e nulla viene conservato.

  -json                 dire in una riga di JSON dove è in ascolto
  -lang it|en           lingua del testo; se manca, quella del sistema
  -any-port             una porta libera per ogni server a cui non se ne dà una
  -smtps-port PORTA     invio con SSL/TLS; se manca 20465
  -smtp-port PORTA      invio con STARTTLS; se manca 20587
  -imaps-port PORTA     IMAP con SSL/TLS; se manca 20993
  -imap-port PORTA      IMAP con STARTTLS; se manca 20143
  -management-port PORTA
                        HTTP per le prove, sempre su 127.0.0.1; se manca 20080.
                        La porta 0 è una qualsiasi libera
  -listen IP            indirizzo dei server di posta; se manca 127.0.0.1. Su
                        ogni altro, chiunque lo raggiunga può usarli
  -name HOST            un altro nome o indirizzo per il certificato; ripetibile
  -password PASSWORD    di ogni casella; se manca pectest
  -mailbox INDIRIZZO    un'altra casella; ripetibile
  -adversary SEME       variare tutto ciò che norma e prassi lasciano ai gestori
  -h                    stampare questo testo

Codice d'uscita: 0 fermato con Ctrl-C, 1 un server si è interrotto, 2 non è partito.

Esempio:
  pecbox -any-port -json
`
