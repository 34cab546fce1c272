package main

import "github.com/gopec/gopec/pec"

// words are a text in both languages.
type words struct{ en, it string }

func (w words) in(l pec.Lang) string {
	if l == pec.Italian {
		return w.it
	}
	return w.en
}

// about says of a check why it is made, and what to do when it fails or warns.
type about struct{ why, do words }

// What to do is the same for many checks.
var (
	getOriginal = words{"Get the original: saved from the mailbox as .eml, not forwarded, not printed, not passed through a program that rewrites mail.",
		"Procurarsi l'originale: salvato dalla casella come .eml, non inoltrato, non stampato, non passato per un programma che riscrive la posta."}
	notGenuine = words{"Treat the message as not genuine until the provider named in it confirms it from its log.",
		"Considerare il messaggio non autentico finché il gestore indicato non lo conferma dal proprio registro."}
	askLog = words{"Ask the provider, which keeps its log for thirty months.", "Chiedere al gestore, che conserva il registro per trenta mesi."}
	look   = words{"Believe the certified value, and find out who changed the other: a mailing list and a spam filter may, a fraud does.",
		"Credere al valore certificato e capire chi ha cambiato l'altro: può farlo una mailing list o un filtro antispam, lo fa una frode."}
	habit = words{"Nothing: it is a habit of some providers, told so that it is not overlooked.", "Nulla: è l'abitudine di qualche gestore, detta perché non sfugga."}
	give  = words{"Give the data, if the answer matters; without them the check is not made.", "Fornire i dati, se la risposta conta; senza, la verifica non viene eseguita."}
)

var checkWords = map[pec.CheckID]about{
	pec.CheckSignature: {words{"Without a signature there is nothing to judge: ordinary mail, or a PEC message that lost it.",
		"Senza firma non c'è nulla da giudicare: è posta ordinaria, oppure una PEC che l'ha persa."}, getOriginal},
	pec.CheckStructure: {words{"A signed mail has two parts, what is signed and the signature; anything else leaves room for content that is shown and not signed.",
		"Un messaggio firmato ha due parti, ciò che è firmato e la firma; altro lascerebbe spazio a contenuti mostrati e non firmati."}, getOriginal},
	pec.CheckEncoding: {words{"The signature must be one complete CMS object and nothing after it.", "La firma dev'essere un solo oggetto CMS completo, con nulla dopo."}, getOriginal},
	pec.CheckContent:  {words{"The signature must be over the signed part and carry no content of its own.", "La firma deve riguardare la parte firmata e non portare un contenuto proprio."}, notGenuine},
	pec.CheckOneSigner: {words{"One provider signs one message. Of several signers nobody could say whose word it is.",
		"Un gestore firma un messaggio. Con più firmatari non si saprebbe di chi sia la parola."}, notGenuine},
	pec.CheckAttributes: {words{"The digest is under the signature only if it stands in the signed attributes, once and of the right kind.",
		"L'impronta è sotto la firma solo se sta negli attributi firmati, una volta e del tipo giusto."}, notGenuine},
	pec.CheckAlgorithms: {words{"MD5 and short keys could be forged already when they were used.", "MD5 e chiavi corte erano falsificabili già quando si usavano."}, notGenuine},
	pec.CheckDigest: {words{"The signed part must have the digest that was signed: one byte changed is another digest.",
		"La parte firmata deve avere l'impronta firmata: un byte cambiato è un'altra impronta."}, getOriginal},
	pec.CheckLines: {words{"Storage changes line ends and quotes “From ” lines; the report says in which form the bytes matched.",
		"Gli archivi cambiano i fine riga e proteggono le righe «From »; il rapporto dice in quale forma i byte corrispondono."}, habit},
	pec.CheckDigestAge: {words{"SHA-1 still holds against changes to a finished message, not against a provider that prepares two at once.",
		"SHA-1 regge ancora contro le modifiche a un messaggio fatto, non contro un gestore che ne prepari due insieme."},
		words{"Nothing for old receipts. Under strict rules a proof of existence is wanted.", "Nulla per le vecchie ricevute. Con le regole rigorose serve una prova di esistenza."}},
	pec.CheckCertificate: {words{"The rules oblige a provider to send its certificate along; without it nobody can tell who signed.",
		"La norma obbliga il gestore ad allegare il proprio certificato; senza non si può dire chi ha firmato."}, getOriginal},
	pec.CheckValue: {words{"The signature must verify under the key of the certificate.", "La firma deve risultare corretta con la chiave del certificato."}, notGenuine},
	pec.CheckSecondOpinion: {words{"Asked with -second-opinion: another library reads the same signature. It can only lower a verdict.",
		"Chiesta con -second-opinion: un'altra libreria legge la stessa firma. Può solo abbassare l'esito."},
		words{"Report the message to us: one of the two libraries is wrong.", "Segnalarci il messaggio: una delle due librerie sbaglia."}},

	pec.CheckPath: {words{"The certificate must lead to an authority that is believed: AgID's, unless another is named.",
		"Il certificato deve condurre a un'autorità a cui si crede: quella di AgID, se non se ne indica un'altra."}, notGenuine},
	pec.CheckProfile: {words{"Not every certificate of the authority may sign PEC: it must be one for the mailbox posta-certificata@, for signing, of no authority.",
		"Non tutti i certificati dell'autorità possono firmare PEC: dev'essere per la casella posta-certificata@, per firmare, non di un'autorità."}, notGenuine},
	pec.CheckPolicy:      {words{"AgID issues providers' certificates under a policy of their own.", "AgID emette i certificati dei gestori con una policy propria."}, notGenuine},
	pec.CheckConstraints: {words{"The authority's certificate says for which mail hosts and organisations it may certify.", "Il certificato dell'autorità dice per quali host di posta e organizzazioni può certificare."}, notGenuine},
	pec.CheckProvider: {words{"The signer must be named among the providers in the authority's constraints at that time.",
		"Il firmatario dev'essere indicato, a quella data, tra i gestori nei vincoli dell'autorità."}, notGenuine},
	pec.CheckDirectory: {words{"The index of providers lists who was accredited, with the hashes of their certificates.",
		"L'indice dei gestori elenca chi era accreditato, con le impronte dei certificati."}, give},
	pec.CheckDomain: {words{"A provider may certify for the domains that it manages, and for no others.", "Un gestore può certificare per i domini che amministra, e per nessun altro."}, give},
	pec.CheckRevocation: {words{"A certificate whose key was stolen is revoked; what was signed afterwards counts for nothing.",
		"Un certificato la cui chiave è stata sottratta viene revocato; ciò che è firmato dopo non vale."}, give},
	pec.CheckOldAlgorithms: {words{"Until 2017 every provider had a 1024-bit key and a certificate signed with SHA-1, which can be forged by now.",
		"Fino al 2017 ogni gestore aveva chiavi da 1024 bit e certificati firmati con SHA-1, oggi falsificabili."},
		words{"Accept it with -legacy if other evidence shows that the message existed in those years.", "Accettarlo con -legacy se altre prove mostrano che il messaggio esisteva in quegli anni."}},

	pec.CheckReference: {words{"At which time the signer is judged, and who says so.", "A quale istante è giudicato il firmatario, e chi lo dice."}, habit},
	pec.CheckValidity:  {words{"The certificate must have been valid at that time.", "A quell'istante il certificato doveva essere valido."}, notGenuine},
	pec.CheckPOE: {words{"Once the certificate has expired, nothing in the message excludes that somebody with its key wrote it later.",
		"Scaduto il certificato, nulla nel messaggio esclude che qualcuno con la sua chiave lo abbia scritto dopo."},
		words{"A time-stamp, a deposit, a protocol entry of the time answers it; otherwise know that it rests on the provider's word.",
			"Risponde una marca temporale, un deposito, una registrazione di protocollo dell'epoca; altrimenti sapere che si regge sulla parola del gestore."}},
	pec.CheckTimestamp: {words{"A time-stamp over the message proves that it existed at that time.", "Una marca temporale sul messaggio prova che a quell'istante esisteva."}, give},
	pec.CheckSigning:   {words{"The signer's program writes a time of its own; it should be near the certified one.", "Il programma del firmatario scrive un'ora propria; dovrebbe essere vicina a quella certificata."}, askLog},
	pec.CheckFuture: {words{"A message cannot certify a time that has not come.", "Un messaggio non può certificare un istante che deve ancora venire."},
		words{"Check the clock of this machine; then treat the message as not genuine.", "Controllare l'orologio della macchina; poi considerare il messaggio non autentico."}},
	pec.CheckGiven: {words{"Who vouches for a time before the certified one contradicts the message.", "Chi indica un istante anteriore a quello certificato contraddice il messaggio."},
		words{"Correct the time given with -at.", "Correggere l'istante dato con -at."}},

	pec.CheckDaticert: {words{"The facts stand in daticert.xml, in the signed part, once.", "I fatti stanno in daticert.xml, nella parte firmata, una volta sola."}, notGenuine},
	pec.CheckSyntax:   {words{"Data that cannot be read as XML certify nothing.", "Dati illeggibili come XML non certificano nulla."}, askLog},
	pec.CheckCharacters: {words{"A subject can hold characters that XML forbids; the certification stands, the characters are shown as �.",
		"Un oggetto può contenere caratteri vietati dall'XML; la certificazione resta, i caratteri appaiono come �."}, habit},
	pec.CheckNorm:  {words{"Elements missing, doubled or unknown, against the DTD of the rules.", "Elementi mancanti, doppi o sconosciuti rispetto alla DTD della norma."}, habit},
	pec.CheckError: {words{"A delivery with an error code, or a failure without one, needs a look.", "Una consegna con codice d'errore, o un errore senza, va guardata."}, askLog},
	pec.CheckTimeout: {words{"The notices at 12 and at 24 hours look alike; only the second says that delivery failed.",
		"Gli avvisi alle 12 e alle 24 ore si somigliano; solo il secondo dice che la consegna è fallita."},
		words{"If nothing tells, take the time since the acceptance: package follow does.", "Se nulla li distingue, guardare il tempo dall'accettazione: lo fa il package follow."}},

	pec.CheckFrom:       {words{"The header's From must be the address in the certificate: it is what mail programs show.", "Il From dell'intestazione dev'essere l'indirizzo nel certificato: è ciò che mostrano i programmi di posta."}, notGenuine},
	pec.CheckDuplicates: {words{"Of two From fields every program shows the one it likes.", "Di due campi From ogni programma mostra quello che preferisce."}, notGenuine},
	pec.CheckFromName: {words{"The name beside From carries the sender of the envelope, in large letters, unsigned.",
		"Il nome accanto a From porta il mittente della busta, in grande, non firmato."}, notGenuine},
	pec.CheckKind: {words{"A failed delivery whose header says delivery deceives programs that read headers.",
		"Una mancata consegna la cui intestazione dice consegna inganna i programmi che leggono l'intestazione."}, notGenuine},
	pec.CheckReferenceI: {words{"It ties a receipt to the message that was sent; changed, it ties it to another.",
		"Lega la ricevuta al messaggio inviato; cambiato, la lega a un altro."}, notGenuine},
	pec.CheckSecurity:   {words{"The header's word on viruses against the certified code.", "Ciò che l'intestazione dice dei virus, rispetto al codice certificato."}, look},
	pec.CheckReceipt:    {words{"Complete, brief or concise: the certified word counts.", "Completa, breve o sintetica: vale la parola certificata."}, look},
	pec.CheckSubject:    {words{"The first thing that people read, and unsigned.", "La prima cosa che si legge, e non è firmata."}, look},
	pec.CheckReplyTo:    {words{"A changed Reply-To sends the answer to somebody else.", "Un Reply-To cambiato manda la risposta a un altro."}, words{"Answer to the certified address.", "Rispondere all'indirizzo certificato."}},
	pec.CheckRecipients: {words{"To and Cc against the certified recipients.", "To e Cc rispetto ai destinatari certificati."}, look},
	pec.CheckDate:       {words{"More than ten minutes from the certified time.", "Oltre dieci minuti dall'istante certificato."}, look},
	pec.CheckMessageID:  {words{"On an envelope it is the certified identifier.", "Sulla busta è l'identificativo certificato."}, look},
	pec.CheckSender:     {words{"A Sender other than From is shown by some programs in its place.", "Un Sender diverso da From, alcuni programmi lo mostrano al suo posto."}, look},

	pec.CheckOriginal: {words{"Envelopes, and complete or brief deliveries, enclose what was sent.", "Le buste e le consegne complete o brevi racchiudono ciò che è stato inviato."},
		words{"Without it the receipt proves a delivery, not of what: keep what was sent beside it.", "Senza, la ricevuta prova una consegna, non di che cosa: conservare accanto ciò che è stato inviato."}},
	pec.CheckOriginalID:         {words{"The enclosed message bears the certified identifier.", "Il messaggio allegato porta l'identificativo certificato."}, look},
	pec.CheckOriginalSender:     {words{"Its sender against the certified one.", "Il suo mittente rispetto a quello certificato."}, look},
	pec.CheckOriginalRecipients: {words{"Its To and Cc against the certified recipients, which follow the SMTP envelope.", "I suoi To e Cc rispetto ai destinatari certificati, che seguono la busta SMTP."}, look},
	pec.CheckOriginalSubject:    {words{"Its subject against the certified one.", "Il suo oggetto rispetto a quello certificato."}, look},
}
