package main

import "github.com/gopec/gopec/pec"

func usage(l pec.Lang) string {
	if l == pec.Italian {
		return usageItalian
	}
	return usageEnglish
}

const usageEnglish = `Usage: pecverify [flags] FILE...

Says whether PEC messages (Italian certified e-mail) are authentic and what
they prove. FILE is a message, a folder, a Maildir, an mbox, a .zip of these, a
bundle made with -bundle, or - for standard input. Nothing is sent over the
network without -online.

  -json                 one JSON object a line for every message
  -lang it|en           language of the text; default from the locale
  -trust FILE|agid      believe the authorities in FILE (PEM or DER), and AgID's
                        only if agid is given too; repeatable
  -at TIME|now          judge the signer at this time, such as
                        2024-03-15T10:30:00+01:00, and not at the certified one
  -strict               want proof for what has expired, and revocation data
  -legacy               accept the keys and signatures in use until 2017
  -kind KIND[,KIND]     want messages of this kind, such as avvenuta-consegna
  -to ADDRESS           want deliveries to this address
  -sent FILE            want messages about this mail: exit 0 also needs the
                        same content as in FILE; repeatable, one of them counts
  -dossier OUT          write one report of the mail given with -sent and of all
                        that came back to OUT, named .html, .json or .txt
  -crl FILE             a revocation list, DER or PEM; repeatable
  -ocsp FILE            a status response, DER; repeatable
  -online               fetch lists and responses for signers with a path, from
                        ca1.agid.gov.it under AgID's authorities
  -online-host HOST     with -online: ask this host too; repeatable
  -providers FILE       the providers' directory, LDIF
  -providers-trust FILE believe the authorities in FILE about the directory,
                        which must then be signed (.p7m); repeatable
  -timestamp FILE       a time-stamp over the message file (.tsr, .tst, .tsd);
                        repeatable
  -tsa-trust FILE       believe the authorities in FILE about time; repeatable
  -bundle OUT           keep the messages and what the verdicts rest on in OUT,
                        a zip that pecverify verifies again years later
  -second-opinion       ask a second library about the signature
  -extract DIR          write what each certified message holds into DIR
  -force                with -extract: DIR may hold something already; with
                        -dossier and -bundle: OUT may be replaced
  -extract-uncertified  with -extract: messages that are not certified too
  -max-size SIZE        largest message, such as 600M or 2G; default 512M, or
                        64M for what is held in memory
  -q                    no verdicts on standard output, only the exit status
  -version              print the version
  -h                    print this text

Exit status: 0 every message is certified (and as -kind, -to, -sent want),
1 at least one is not, 2 there is no verdict on at least one. With -dossier: 0
every recipient has a certified delivery of the mail, 1 not so, 2 as above.

Example:
  pecverify -kind avvenuta-consegna -to destinatario@pec.example.it receipt.eml
`

const usageItalian = `Uso: pecverify [opzioni] FILE...

Dice se dei messaggi PEC sono autentici e che cosa provano. FILE è un
messaggio, una cartella, una Maildir, un mbox, uno .zip di questi, un
fascicolo creato con -bundle, oppure - per lo standard input. Senza -online
nulla viene inviato in rete.

  -json                 un oggetto JSON per riga per ogni messaggio
  -lang it|en           lingua del testo; se manca, quella del sistema
  -trust FILE|agid      fidarsi delle autorità in FILE (PEM o DER), e di quella
                        di AgID solo se si indica anche agid; ripetibile
  -at ISTANTE|now       giudicare il firmatario a questo istante, per esempio
                        2024-03-15T10:30:00+01:00, e non a quello certificato
  -strict               esigere prove per ciò che è scaduto e dati di revoca
  -legacy               accettare chiavi e firme in uso fino al 2017
  -kind TIPO[,TIPO]     esigere messaggi di questo tipo, come avvenuta-consegna
  -to INDIRIZZO         esigere consegne a questo indirizzo
  -sent FILE            esigere messaggi su questo: per 0 serve anche lo stesso
                        contenuto di FILE; ripetibile, ne basta uno
  -dossier OUT          scrivere in OUT (.html, .json o .txt) un rapporto sul
                        messaggio di -sent e su tutto ciò che è tornato
  -crl FILE             lista di revoca, DER o PEM; ripetibile
  -ocsp FILE            risposta sullo stato, DER; ripetibile
  -online               scaricare liste e risposte per i firmatari che hanno un
                        percorso, da ca1.agid.gov.it per le autorità di AgID
  -online-host HOST     con -online: interrogare anche questo host; ripetibile
  -providers FILE       indice dei gestori, LDIF
  -providers-trust FILE fidarsi delle autorità in FILE per l'indice, che allora
                        dev'essere firmato (.p7m); ripetibile
  -timestamp FILE       marca temporale del file del messaggio (.tsr .tst .tsd);
                        ripetibile
  -tsa-trust FILE       fidarsi delle autorità in FILE per il tempo; ripetibile
  -bundle OUT           conservare in OUT i messaggi e ciò su cui si fondano gli
                        esiti: uno zip che pecverify riverifica dopo anni
  -second-opinion       chiedere a una seconda libreria della firma
  -extract DIR          scrivere in DIR il contenuto dei messaggi certificati
  -force                con -extract: DIR può contenere già qualcosa; con
                        -dossier e -bundle: OUT può essere sostituito
  -extract-uncertified  con -extract: anche i messaggi non certificati
  -max-size DIMENSIONE  messaggio più grande, come 600M o 2G; se manca 512M, o
                        64M per ciò che sta in memoria
  -q                    nessun esito scritto, solo il codice d'uscita
  -version              stampare la versione
  -h                    stampare questo testo

Codice d'uscita: 0 ogni messaggio è certificato (e come -kind, -to e -sent
chiedono), 1 almeno uno non lo è, 2 per almeno uno non c'è un esito. Con
-dossier: 0 ogni destinatario ha una consegna certificata del messaggio, 1 non è
così, 2 come sopra.

Esempio:
  pecverify -kind avvenuta-consegna -to destinatario@pec.example.it ricevuta.eml
`
