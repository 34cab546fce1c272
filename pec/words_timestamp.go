package pec

// italianStamps has the Italian sentence of each code of package timestamp, with the
// facts by name.
var italianStamps = map[string]string{
	"stamp-imprint":             "l'impronta è quella del file",
	"stamp-imprint-digest":      "l'impronta è quella dello SHA-256 del file",
	"stamp-imprint-differs":     "è la marca di un altro file: l'impronta non è quella di questo",
	"stamp-imprint-unsupported": "l'algoritmo della sua impronta non è supportato ({algorithm})",
	"stamp-imprint-sha1":        "la sua impronta è SHA-1: si possono creare due file che abbiano la stessa",

	"stamp-signature":      "la marca è firmata, {signature} con {digest}",
	"stamp-signature-sha1": "la marca è firmata con SHA-1, con cui se ne può creare una di un altro istante",
	"stamp-extension":      "ha l'estensione critica {extension}, che non è nota",
	"stamp-future":         "il suo istante {time} è nel futuro",
	"stamp-policy":         "è stata emessa con la policy {policy}",
	"stamp-policy-other":   "è stata emessa con la policy {policy}, che non è fra quelle richieste",

	"stamp-no-anchors": "non è indicata alcuna autorità a cui credere sul tempo",
	"stamp-name":       "l'autorità indicata è quella che ha firmato, o non ne è indicata alcuna",
	"stamp-name-other": "indica come autorità {name}, che non è il nome scritto nel certificato",

	"stamp-current":       "i certificati dell'autorità sono validi fino al {date}",
	"stamp-renewed":       "i certificati dell'autorità sono scaduti; i rinnovi della marca sono validi fino al {date}",
	"stamp-expired-since": "i certificati dell'autorità sono scaduti il {date}: nulla qui esclude che la marca sia stata creata dopo con la sua chiave",
	"stamp-renewal":       "il rinnovo {number} della marca non conta",
	"stamp-renewal-late":  "è del {time}, quando i certificati precedenti erano scaduti il {date}",
	"stamp-renewal-early": "è del {time}, prima di ciò che rinnova",
}
