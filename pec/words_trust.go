package pec

// italianTrust has the Italian sentence of each code of package trust, with
// the facts by name.
var italianTrust = map[string]string{
	"no-path-not-checked": "non verificato: manca un percorso fino a un'autorità",

	"path-found":              "il certificato del firmatario conduce a {authority}",
	"path-no-candidate":       "non c'è un certificato da giudicare",
	"path-unreadable":         "il certificato del firmatario non è leggibile",
	"path-none":               "nessun percorso fino a un'autorità riconosciuta; il certificato indica come emittente {issuer}",
	"path-self-signed":        "nessun percorso fino a un'autorità riconosciuta: {subject} garantisce per sé stesso",
	"path-forged":             "il certificato indica come emittente {authority}, ma non fu firmato con la chiave di quella autorità",
	"path-older":              "nessun percorso: il messaggio è più vecchio delle autorità note, che iniziano dal {since}. Per uno degli anni dal 2005 al 2011 occorre indicare come ancora il certificato dell'autorità del CNIPA. Il certificato indica come emittente {issuer}",
	"path-algorithm-unknown":  "nessun percorso: il certificato di {certificate} è firmato con un algoritmo sconosciuto ({algorithm})",
	"path-algorithm-never":    "nessun percorso: il certificato di {certificate} è firmato con {algorithm}, che non viene mai accettato",
	"path-not-ca":             "nessun percorso: {certificate} non è un'autorità e non può emettere certificati",
	"path-key-usage":          "nessun percorso: la chiave di {certificate} non serve a firmare certificati",
	"path-purpose":            "nessun percorso: {certificate} non può emettere certificati per la posta elettronica",
	"path-purpose-timestamp":  "nessun percorso: {certificate} non può emettere certificati per marche temporali",
	"path-critical-extension": "nessun percorso: il certificato di {certificate} ha l'estensione critica {extension}, che non è nota",
	"path-length":             "nessun percorso: {certificate} ammette {limit} autorità sotto di sé, e ce ne sono di più",
	"path-limit":              "nessun percorso trovato entro il limite di {checks} verifiche di firma; i certificati allegati portano fuori strada",

	"key-accepted":           "la chiave del firmatario è {key}",
	"key-short":              "la chiave RSA del firmatario è di {bits} bit; sotto i 1024 non viene accettata",
	"key-long":               "la chiave RSA del firmatario è di {bits} bit; sopra gli 8192 non viene accettata",
	"key-exponent":           "la chiave RSA del firmatario ha esponente {exponent}, con cui non si firma nulla",
	"key-type":               "la chiave del firmatario è di un genere che non viene accettato",
	"key-certificate-digest": "il certificato di {certificate} è firmato con {algorithm}, che non viene mai accettato",

	"profile-key-usage":              "l'uso della chiave è critico e comprende la firma digitale",
	"profile-key-usage-not-critical": "l'uso della chiave comprende la firma digitale, ma non è critico",
	"profile-key-usage-absent":       "il certificato non dice a che cosa serve la chiave",
	"profile-key-usage-no-signature": "la chiave non serve alla firma digitale",

	"profile-address":          "il certificato è per {address}",
	"profile-address-critical": "il certificato è per {address}; il nome alternativo è critico e non dovrebbe esserlo",
	"profile-address-none":     "il certificato non ha un indirizzo di posta nel nome alternativo",
	"profile-address-several":  "il certificato ha {count} indirizzi di posta, mentre ne è ammesso uno",

	"profile-mailbox":       "la casella di {address} è quella dei messaggi di un gestore",
	"profile-mailbox-other": "la casella {address} non è posta-certificata, da cui proviene ogni messaggio PEC: non è il certificato di un gestore",

	"profile-not-ca":            "il firmatario non è un'autorità",
	"profile-ca":                "il certificato del firmatario è quello di un'autorità",
	"profile-basic-constraints": "il firmatario non è un'autorità; il certificato lo dice con basic constraints, che non dovrebbe esserci",

	"profile-extensions":       "ogni estensione critica è nota",
	"profile-critical-known":   "alcune estensioni sono critiche e non dovrebbero esserlo: {extensions}",
	"profile-critical-unknown": "alcune estensioni critiche non sono note: {extensions}",

	"profile-purpose":        "il certificato è per la posta elettronica",
	"profile-purpose-absent": "il certificato non è limitato a uno scopo",
	"profile-purpose-other":  "il certificato è per scopi diversi dalla posta elettronica",

	"profile-key-identifiers":         "gli identificativi delle chiavi ci sono",
	"profile-key-identifiers-missing": "mancano identificativi delle chiavi: {extensions}",

	"profile-subject":          "il titolare è {subject}",
	"profile-subject-nameless": "il titolare non ha né organizzazione né nome comune: {subject}",
	"profile-subject-mail":     "il titolare contiene un indirizzo di posta, il cui posto è il nome alternativo: {subject}",
	"profile-names-unreadable": "i nomi del certificato non sono leggibili",

	"timestamp-purpose":              "il certificato serve alle marche temporali e a nient'altro",
	"timestamp-purpose-absent":       "il certificato non dice di servire alle marche temporali",
	"timestamp-purpose-other":        "il certificato serve a scopi diversi dalle marche temporali",
	"timestamp-purpose-several":      "il certificato serve anche a scopi diversi dalle marche temporali",
	"timestamp-purpose-not-critical": "il certificato serve alle marche temporali, ma l'estensione che lo dice non è critica",
	"timestamp-key-usage":            "la chiave serve a firmare",
	"timestamp-key-usage-absent":     "l'uso della chiave non è limitato",
	"timestamp-key-usage-other":      "la chiave non serve a firmare, o non solo a quello",

	"signer-any":              "non verificato: chi firma questo non deve essere un gestore PEC",
	"signer-key-usage":        "la chiave può firmare",
	"signer-key-usage-absent": "il certificato non limita l'uso della chiave",
	"signer-key-usage-other":  "la chiave non serve a firmare",

	"policy-named":        "il certificato fu emesso secondo la policy dei gestori PEC ({policy})",
	"policy-missing":      "il certificato non fu emesso secondo la policy dei gestori PEC ({policy})",
	"policy-not-required": "sotto {anchor}, che non è fra le autorità predefinite, non è richiesta alcuna policy",

	"constraints-met":           "i nomi rispettano i vincoli del percorso",
	"constraints-met-others":    "i nomi rispettano i vincoli del percorso; quelli su altri nomi ({types}) non riguardano la posta e non sono stati valutati",
	"constraints-absent":        "nessun certificato del percorso pone vincoli sui nomi",
	"constraints-with-provider": "non è allegato alcun certificato di {authority}; i suoi vincoli sono giudicati alla voce gestore",
	"constraints-mail":          "{authority} non può emettere certificati per {address}",
	"constraints-name":          "{authority} non può emettere certificati per {name}",
	"constraints-excluded-mail": "i vincoli di {authority} escludono {address}",
	"constraints-excluded-name": "i vincoli di {authority} escludono {name}",
	"constraints-address":       "{address} non è un indirizzo di posta, perciò i vincoli di {authority} non possono ammetterlo",
	"constraints-critical":      "ci sono vincoli critici su nomi che non vengono valutati: {types}",
	"constraints-range":         "ci sono vincoli critici con distanza minima o massima, che non hanno significato",
	"constraints-malformed":     "i vincoli sui nomi o i nomi di {certificate} non sono leggibili",
	"constraints-limit":         "troppi nomi o vincoli sui nomi sotto {certificate}",

	"provider-named":           "{host} e {organization} sono indicati nei vincoli di {authority} del {generation}",
	"provider-named-by-anchor": "{host} o {organization} è indicato nei vincoli sotto {anchor}",
	"provider-not-named":       "{host} con {organization} non è indicato nei vincoli di {authority}",
	"provider-no-generation":   "non è allegato alcun certificato di {authority} e non se ne conosce uno valido al {at}: nessun gestore è indicato",
	"provider-constraints":     "nessun gestore è indicato, perché i vincoli sui nomi di {authority} non sono rispettati (si veda lì)",
	"provider-organization":    "il gestore è {organization}, stando al solo certificato: {authority} non ha vincoli che indichino i gestori",
	"provider-no-organization": "il certificato non indica un'organizzazione, e {authority} non ha vincoli che indichino i gestori",
	"provider-unconstrained":   "non verificato: nulla sotto {anchor} dice chi siano i suoi gestori",

	"valid":                             "il certificato del firmatario e il percorso erano validi al {at}",
	"valid-other-authority-certificate": "il certificato del firmatario era valido al {at}; quello di {authority} allegato, del {generation}, non lo era, ma altri con la stessa chiave sì",
	"not-yet-valid":                     "il certificato di {certificate} è valido dal {date}, dopo il {at}",
	"expired":                           "il certificato di {certificate} era valido fino al {date}, prima del {at}",
	"no-time":                           "manca un istante al quale giudicare",

	"algorithms-current":  "chiavi e firme dei certificati hanno la robustezza oggi in uso",
	"algorithms-rsa":      "chiavi RSA sotto i 2048 bit: {keys}",
	"algorithms-sha1":     "certificati firmati con SHA-1: {certificates}",
	"algorithms-rsa-sha1": "chiavi RSA sotto i 2048 bit: {keys}; certificati firmati con SHA-1: {certificates}",
}
