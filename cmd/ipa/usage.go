package main

func usage(lang string) string {
	if lang == "it" {
		return usageItalian
	}
	return usageEnglish
}

const usageEnglish = `Usage: ipa COMMAND [flags] ARGUMENTS

Finds the addresses of Italian public administrations in a snapshot of the open
data of IPA (AgID, CC BY 4.0). Only update uses the network.

  ipa update               download the open data and make the snapshot of it
  ipa update FILE...       make it of files: CSV, TSV, JSON dumps, older .txt
  ipa search WORDS...      find bodies and offices by name
  ipa show CODE...         show a body with its offices, or an office; CODE is a
                           Codice_IPA, a recipient code or a fiscal code
  ipa whose ADDRESS...     say whether an address is PEC and whose; - reads them
                           from standard input, one a line

  -file FILE               the snapshot; default in the user's cache folder
  -json                    one JSON object a line for every question
  -lang it|en              language of the text; default from the locale
  -limit N                 search: results, 1 to 1000; default 20
  -kind KIND[,KIND]        search: only body, area, office
  -base URL                update: take the open data from there
  -date DAY                update FILE: day of the data; default that of the
                           newest file
  -officers                update: keep names and addresses of persons in charge
  -q                       nothing on standard error but errors
  -version                 print the version
  -h                       print this text

Exit status: 0 everything asked for was found, 1 something is not in the
snapshot, 2 there is no answer (usage, no snapshot, network, broken file).

Example:
  ipa whose protocollo@pec.comune.example.it
`

const usageItalian = `Uso: ipa COMANDO [opzioni] ARGOMENTI

Trova gli indirizzi delle pubbliche amministrazioni in una copia datata dei dati
aperti di IPA (AgID, CC BY 4.0). Solo update usa la rete.

  ipa update               scaricare i dati aperti e farne la copia
  ipa update FILE...       farla da file: CSV, TSV, dump JSON, vecchi .txt
  ipa search PAROLE...     trovare enti e uffici per nome
  ipa show CODICE...       mostrare un ente con i suoi uffici, o un ufficio;
                           CODICE è un Codice_IPA, un codice destinatario o un
                           codice fiscale
  ipa whose INDIRIZZO...   dire se un indirizzo è PEC e di chi; - li legge dallo
                           standard input, uno per riga

  -file FILE               la copia; se manca, nella cartella cache dell'utente
  -json                    un oggetto JSON per riga per ogni domanda
  -lang it|en              lingua del testo; se manca, quella del sistema
  -limit N                 search: risultati, da 1 a 1000; se manca 20
  -kind TIPO[,TIPO]        search: solo body (ente), area (AOO), office (UO)
  -base URL                update: prendere i dati aperti da lì
  -date GIORNO             update FILE: giorno dei dati; se manca, quello del
                           file più recente
  -officers                update: tenere nomi e indirizzi dei responsabili
  -q                       sullo standard error solo gli errori
  -version                 stampare la versione
  -h                       stampare questo testo

Codice d'uscita: 0 tutto ciò che è chiesto è stato trovato, 1 qualcosa non è
nella copia, 2 non c'è risposta (uso, nessuna copia, rete, file guasto).

Esempio:
  ipa whose protocollo@pec.comune.example.it
`
