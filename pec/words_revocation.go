package pec

// italianRevocation has the Italian sentence of each code of package revocation,
// with the facts by name.
var italianRevocation = map[string]string{
	"revocation-good":        "{certificate} non era revocato al {at}, secondo {evidence}, emesso in quell'istante o dopo",
	"revocation-good-then":   "{certificate} non era revocato al {at} per quanto allora si poteva sapere, secondo {evidence}, valido fino al {until}; una revoca pubblicata in seguito non vi compare",
	"revocation-good-lifted": "{certificate} fu sospeso il {date}, secondo {hold}, e poi riattivato, secondo {evidence}; una sospensione annullata vale come se non ci fosse stata",
	"revocation-good-weak":   "{certificate} non era revocato al {at}, secondo {evidence}, la cui firma, con SHA-1 o con una chiave corta, oggi si potrebbe falsificare",

	"revocation-revoked":               "{certificate} fu revocato il {date} ({reason}), non dopo il {at}, secondo {evidence}",
	"revocation-revoked-invalid-since": "{certificate} fu revocato il {date} ({reason}) e la sua chiave non è affidabile dal {invalid}, non dopo il {at}, secondo {evidence}",
	"revocation-revoked-held":          "{certificate} fu sospeso il {hold}, non dopo il {at}, mai riattivato e revocato il {date} ({reason}), secondo {evidence}",
	"revocation-never-issued":          "l'autorità dichiara di non aver mai emesso {certificate}, secondo {evidence}",
	"revocation-on-hold":               "{certificate} fu sospeso il {date}, non dopo il {at}, secondo {evidence}, e nulla di quanto fornito mostra che sia stato riattivato",

	"revocation-later":                  "{certificate} fu revocato il {date} ({reason}), dopo il {at}, secondo {evidence}",
	"revocation-later-invalid-since":    "{certificate} fu revocato il {date} ({reason}), dopo il {at}, e dichiarato non valido già dal {invalid}, secondo {evidence}; il motivo non è una compromissione della chiave, e la revoca ha effetto dalla pubblicazione",
	"revocation-later-compromise":       "{certificate} fu revocato il {date} per compromissione della chiave ({reason}), dopo il {at}, secondo {evidence}, che non dice da quando; un istante dichiarato dal solo firmatario non prova nulla contro chi abbia avuto la chiave",
	"revocation-later-compromise-dated": "{certificate} fu revocato il {date} per compromissione della chiave ({reason}) avvenuta il {invalid}, dopo il {at}, secondo {evidence}; un istante dichiarato dal solo firmatario non prova nulla contro chi ha la chiave da allora",
	"revocation-later-hold":             "{certificate} fu sospeso il {date}, dopo il {at}, secondo {evidence}",

	"revocation-contradiction":    "{evidence} contraddice {other} e non riporta alcuna revoca; vale il peggiore dei due",
	"revocation-signer-unchecked": "non è noto se {signer}, che ha firmato {evidence}, sia stato revocato",

	"revocation-none":            "non verificato: non sono stati forniti dati di revoca per {certificate}",
	"revocation-foreign":         "non verificato: nessuno dei dati di revoca forniti ({count}) riguarda {certificate}, emesso da {issuer}",
	"revocation-stale":           "non verificato: {evidence} era valido solo fino al {until}, prima del {at}",
	"revocation-stale-no-next":   "non verificato: {evidence} fu emesso prima del {at} e non dice fino a quando fosse valido",
	"revocation-dropped":         "non verificato: {evidence} fu emesso dopo la scadenza di {certificate}, il {expiry}, e non dichiara di elencare ancora i certificati scaduti",
	"revocation-future":          "non verificato: {evidence} porta un istante futuro ({date})",
	"revocation-times":           "non verificato: {evidence} termina ({until}) prima di iniziare ({date})",
	"revocation-signature":       "non verificato: {evidence} non è firmato né da {issuer} né da un firmatario allegato",
	"revocation-algorithm":       "non verificato: {evidence} è firmato con un algoritmo che non viene accettato ({algorithm})",
	"revocation-signer-issuer":   "non verificato: il firmatario di {evidence} non fu designato da {issuer}",
	"revocation-signer-usage":    "non verificato: il certificato di {signer}, che ha firmato {evidence}, non serve a questo",
	"revocation-signer-validity": "non verificato: il certificato di {signer}, che ha firmato {evidence}, è valido dal {from} al {until} e non al {at}",
	"revocation-signer-revoked":  "non verificato: il certificato di {signer}, che ha firmato {evidence}, fu revocato il {date} ({reason})",
	"revocation-critical":        "non verificato: {evidence} ha l'estensione critica {extension}, che non è nota",
	"revocation-delta":           "non verificato: {evidence} è una lista delta, che riporta solo le variazioni; occorre una lista completa",
	"revocation-indirect":        "non verificato: {evidence} è una lista indiretta, con certificati di più emittenti, che non viene valutata",
	"revocation-scope":           "non verificato: {evidence} elenca certificati di un genere diverso da {certificate}",
	"revocation-some-reasons":    "non verificato: {evidence} elenca le revoche solo per alcuni motivi, e {certificate} non vi compare",
	"revocation-point":           "non verificato: {evidence} è la lista di un punto di distribuzione che {certificate} non indica, e il certificato non vi compare",
	"revocation-unknown":         "non verificato: il responder di {evidence} non conosce {certificate}",
}
