package pec

// italian has the Italian sentence of each problem of packages smime and cms,
// with the facts in the same order as the English one.
var italian = map[string]string{
	"signed-parts":      "multipart/signed ha %s parti invece di 2",
	"signature-part":    "la seconda parte di multipart/signed è di tipo %s e non è una firma",
	"signature-content": "la firma non può essere decodificata: %s",
	"opaque-content":    "il messaggio contenuto nella firma non è leggibile: %s",
	"nothing-to-verify": "non c'è nulla da verificare",

	"too-large":           "la firma è di %s byte, più dei %s che vengono letti",
	"too-deep":            "la firma ha più di %s livelli di annidamento",
	"truncated":           "la firma finisce troppo presto: un elemento va oltre la fine di quello che lo contiene",
	"trailing-data":       "dopo la fine della firma ci sono altri %s byte",
	"ber-tag":             "un tag non è ben formato",
	"ber-length":          "una lunghezza non è ben formata",
	"ber-end-of-contents": "un marcatore di fine contenuto si trova dove non dovrebbe",
	"ber-string":          "i segmenti di una stringa non sono del suo tipo",

	"content-present": "la firma ha un contenuto al suo interno, ma firma un contenuto esterno",
	"content-absent":  "la firma non ha alcun contenuto al suo interno",
	"content-type":    "il contenuto firmato è di tipo %s, non %s",

	"signed-data-version": "SignedData ha la versione %s, che non è definita",
	"no-signer":           "nessuno ha firmato: manca SignerInfo",
	"two-signers":         "ci sono %s firmatari, mentre ne è ammesso uno",
	"signer-version":      "SignerInfo ha la versione %s, che non si accorda con %s",

	"no-signed-attributes":    "mancano gli attributi firmati",
	"empty-signed-attributes": "l'insieme degli attributi firmati è vuoto",

	"attribute-missing":      "manca l'attributo firmato %s",
	"attribute-repeated":     "l'attributo firmato %s compare più di una volta",
	"attribute-values":       "l'attributo firmato %s non ha esattamente un valore",
	"attribute-malformed":    "il valore dell'attributo firmato %s non è ben formato",
	"attribute-content-type": "l'attributo firmato contentType indica %s, ma il contenuto è di tipo %s",
	"signing-time":           "il valore dell'attributo firmato signingTime non è un istante nella forma prescritta",

	"digest-forbidden":                "l'algoritmo di impronta %s è violato e non viene mai accettato",
	"digest-unsupported":              "l'algoritmo di impronta %s non è supportato",
	"digest-not-announced":            "digestAlgorithms non elenca %s, che il firmatario usa",
	"signature-algorithm-forbidden":   "l'algoritmo di firma %s è violato e non viene mai accettato",
	"signature-algorithm-unsupported": "l'algoritmo di firma %s non è supportato",
	"signature-algorithm-hash":        "l'algoritmo di firma usa %s, ma l'impronta è %s",
	"algorithm-parameters":            "i parametri dell'algoritmo %s non sono ben formati o non sono supportati",
	"algorithm-protection":            "l'attributo firmato CMSAlgorithmProtection indica algoritmi diversi da quelli usati",
	"fips-algorithm":                  "%s non può essere usato quando è imposta la modalità FIPS 140-only",

	"not-signed-data": "il tipo di contenuto è %s, non SignedData",
	"malformed":       "%s non è ben formato",
	"trailing-fields": "%s ha altri campi dopo l'ultimo",

	"too-many-certificates":  "la firma contiene %s certificati, più dei %s che vengono letti",
	"no-certificate":         "la firma non contiene il certificato del suo firmatario",
	"certificate-unreadable": "il certificato del firmatario non è leggibile: %s",

	"rsa-too-small":      "la chiave RSA del firmatario è di %s bit, meno di %s",
	"rsa-too-large":      "la chiave RSA del firmatario è di %s bit, più di %s",
	"rsa-modulus":        "il modulo della chiave RSA del firmatario non è un numero dispari positivo",
	"rsa-exponent":       "l'esponente della chiave RSA del firmatario non è un numero dispari maggiore di 1",
	"rsa-exponent-large": "l'esponente della chiave RSA del firmatario è di %s bit, più di %s",
	"key-unsupported":    "la chiave del firmatario è di un tipo non supportato (%s)",
	"fips-key":           "la chiave del firmatario non può essere usata quando è imposta la modalità FIPS 140-only (%s)",

	"signing-certificate":           "l'attributo firmato %s indica un certificato diverso da quello del firmatario",
	"signing-certificate-missing":   "nessun attributo firmato indica il certificato del firmatario",
	"signing-certificate-malformed": "l'attributo firmato %s non è ben formato",
	"signing-certificate-hash":      "l'attributo firmato %s indica un certificato con un'impronta che non è accettata (%s)",
	"fips-signing-certificate":      "l'attributo firmato %s richiede SHA-1, che non può essere usato quando è imposta la modalità FIPS 140-only",

	"digest-mismatch": "il contenuto non è quello che fu firmato: la sua impronta è %s, quella firmata %s",

	"signature-wrong": "il valore della firma non è corretto con la chiave del firmatario",
	"key-mismatch":    "l'algoritmo di firma %s non si accorda con la chiave del firmatario",

	"attributes-wire-order": "gli attributi firmati non sono in ordine DER e furono firmati nell'ordine in cui si trovano",
	"attributes-unsorted":   "gli attributi firmati non sono in ordine DER; furono firmati ordinati, come si deve",
	"issuer-spelling":       "l'emittente del certificato è scritto diversamente nella firma e nel certificato",
}
