// Package ipa finds and checks the addresses of Italian public
// administrations, offline. It reads the open data of IPA (Indice dei
// domicili digitali delle Pubbliche Amministrazioni e dei gestori di pubblici
// servizi, kept by AgID) into a snapshot, and asks IPA's web services where
// the answer lies in the past.
//
//	store := ipa.OpenStore("ipa.idx", nil)
//	err := store.Refresh(ctx)               // once a day: download, check, swap
//	snapshot, err := store.Snapshot()
//
//	a := snapshot.Address("PROTOCOLLO@pec.comune.example.it")
//	a.Listed                                // as PEC, as another address, or not at all
//	a.Owners                                // whose it is: bodies and offices
//	fmt.Println(a)                          // "… is not in the IPA snapshot of 2026-08-16"
//
//	snapshot.Search("comune di forli", nil) // ranked
//	snapshot.Body("c_d704")                 // by code; also FiscalCode, Recipient, Domain
//
// Three kinds of [Entity] are in a snapshot: bodies (enti), organisational
// areas (AOO, aree organizzative omogenee) and offices (UO, unità
// organizzative). Areas and offices nest under their body.
//
// # What an answer means
//
// IPA changes every day, and a snapshot knows only its own day. Every answer
// carries the date of the snapshot, and what is not found is "not in the
// snapshot of that date", never "does not exist". What was true on a day in
// the past is known to the web services only: see [Client.PECHistory].
//
// The registry says what bodies declare about themselves. No trust decision of
// this module rests on it, and no package that verifies messages imports this
// one.
//
// # Reading
//
// A [Builder] reads the CKAN datasets enti, pec-ente,
// aree-organizzative-omogenee, unita-organizzative, UO with e-invoicing and
// categorie-enti as CSV, TSV or JSON dump, and the older tab-separated files
// (amministrazioni.txt, aoo.txt, ou.txt, pec.txt, serv_*.txt). Columns are
// found by name, in any case and order; unknown ones are ignored and a missing
// required one is an error. Every value is text. The ways in which IPA writes
// "none" (empty, null, "-", "da_indicare", any address at x.it and others) are
// read as absent. Files that are broken, or whose columns hold something else
// than their names say, give a [*SyntaxError] with file, line and column.
//
// Names, mail addresses and telephone numbers of persons in charge are
// left out unless [BuildOptions.Officers] is set.
//
// # Limits
//
// One value is at most 64 KiB, one row 1 MiB, one dataset 128 MiB and
// 2,000,000 rows, a reply of a web service 1 MiB. Reading is streamed.
//
// A snapshot is one flat block of memory, the same bytes as its file: about
// 70 MB for all of IPA. It never changes; any number of goroutines may use it.
// [Store] swaps in a new one while readers go on with the old.
//
// # Web services
//
// [Client] calls WS01 to WS23. They need a free AUTH_ID, which never appears in
// an error, a log line or a URL.
//
// The data is © AgID, IndicePA, licence CC BY 4.0: who publishes it says so.
package ipa
