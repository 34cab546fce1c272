package verifypage

import (
	"slices"

	"github.com/gopec/gopec/pec"
)

// meaning says in whole sentences what an outcome proves, what it does not, and
// what can be done.
func (w writer) meaning() []string {
	var out []string
	if w.r.Certified {
		out = append(out, proofMeanings[w.r.Proves].in(w.lang))
	} else {
		out = append(out, w.notCertified())
	}
	if hint := w.inside(); hint != "" {
		out = append(out, hint)
	}
	return out
}

// proofMeanings say what each proof is one of.
var proofMeanings = map[pec.Proof]phrase{
	pec.ProvesSent: {
		"The sender's provider certifies that it sent this message on, with the content enclosed. It says nothing about delivery: that takes a delivery receipt for each recipient.",
		"Il gestore del mittente certifica di aver inviato questo messaggio, con il contenuto allegato. Nulla dice della consegna: per quella serve una ricevuta di avvenuta consegna per ciascun destinatario."},
	pec.ProvesAccepted: {
		"The sender's provider certifies that it took the message for sending at the certified time. It does not prove delivery.",
		"Il gestore del mittente certifica di aver accettato il messaggio per l'invio all'istante certificato. Non prova la consegna."},
	pec.ProvesRefused: {
		"The sender's provider certifies that it did NOT accept the message: it was not sent.",
		"Il gestore del mittente certifica di NON aver accettato il messaggio: non è stato inviato."},
	pec.ProvesTaken: {
		"The recipient's provider certifies towards the sender's that it took the message in charge. It says nothing about the mailbox.",
		"Il gestore del destinatario certifica a quello del mittente di aver preso in carico il messaggio. Nulla dice della casella."},
	pec.ProvesDelivered: {
		"The recipient's provider certifies that the message is in the mailbox named below since the certified time. Whether it was opened or read is not said. It is about this one recipient.",
		"Il gestore del destinatario certifica che il messaggio è nella casella indicata qui sotto dall'istante certificato. Non dice se sia stato aperto o letto. Vale per questo solo destinatario."},
	pec.ProvesNotDelivered: {
		"Authentic, and bad news: a provider certifies that the message was NOT delivered to the recipient named below.",
		"Autentica, ma è una cattiva notizia: un gestore certifica che il messaggio NON è stato consegnato al destinatario indicato qui sotto."},
	pec.ProvesLate: {
		"A provider certifies that twelve hours after sending there was no sign of delivery. It may still come.",
		"Un gestore certifica che, dodici ore dopo l'invio, non vi era notizia della consegna. Può ancora avvenire."},
	pec.ProvesExpired: {
		"A provider certifies that the message was NOT delivered within twenty-four hours.",
		"Un gestore certifica che il messaggio NON è stato consegnato entro ventiquattro ore."},
	pec.ProvesLateOrExpired: {
		"A provider certifies that the message was not delivered in time. Whether after twelve or after twenty-four hours the notice does not tell.",
		"Un gestore certifica che il messaggio non è stato consegnato nei tempi. Se dopo dodici o dopo ventiquattro ore l'avviso non lo dice."},
	pec.ProvesVirus: {
		"A provider certifies that it stopped the message because of a virus.",
		"Un gestore certifica di aver fermato il messaggio per la presenza di un virus."},
}

// notCertified says why nothing is proved.
func (w writer) notCertified() string {
	r := w.r
	switch {
	case r.Kind == pec.KindOrdinary && r.Message.Claims.IsPEC():
		return w.words("It calls itself PEC in its header, and carries no signature. Anybody can write such a message; a genuine one may have lost its signature on the way (forwarded, printed, saved as text).",
			"Nell'intestazione si presenta come PEC, ma non porta alcuna firma. Un messaggio simile può scriverlo chiunque; uno vero può aver perso la firma per strada (inoltrato, stampato, salvato come testo).")
	case r.Kind == pec.KindOrdinary:
		return w.words("No provider has signed this message. That does not make it false: it is not certified mail.", "Nessun gestore ha firmato questo messaggio. Non per questo è falso: non è posta certificata.")
	case r.Verdict == "":
		return w.words("It was not read to its end, so nothing can be said of it.", "Non è stato letto fino in fondo, perciò non se ne può dire nulla.")
	}
	if m, ok := failureMeanings[r.SubIndication]; ok && r.Verdict != pec.TotalPassed {
		return m.in(w.lang)
	}
	return w.words("The signature is good, and the message is of a kind that certifies nothing.", "La firma è corretta, ma il messaggio è di un tipo che non certifica nulla.")
}

// failureMeanings say what each sub-indication means to a person.
var failureMeanings = map[pec.SubIndication]phrase{
	pec.FormatFailure: {
		"The signature is missing, cut off or malformed. Get the original file: saved from the mailbox as .eml, not forwarded.",
		"La firma manca, è incompleta o malformata. Serve il file originale: salvato dalla casella come .eml, non inoltrato."},
	pec.HashFailure: {
		"The message was changed after it was signed: by somebody, or by a program that rewrote the file. What it says proves nothing. The original in the mailbox may still be whole.",
		"Il messaggio è stato modificato dopo la firma: da qualcuno, o da un programma che ha riscritto il file. Ciò che dice non prova nulla. L'originale nella casella può essere ancora integro."},
	pec.SigCryptoFailure: {
		"The signature does not belong to this certificate.",
		"La firma non corrisponde a questo certificato."},
	pec.NoSigningCertificateFound: {
		"The certificate of the signer is not in the message, so that nobody can tell who signed it.",
		"Nel messaggio manca il certificato del firmatario: non si può dire chi lo abbia firmato."},
	pec.NoCertificateChainFound: {
		"Signed by somebody whom the PEC authority that is believed here did not certify. A forgery looks like this; so does a message older than 2011, or a test message judged under AgID's authority.",
		"Firmato da qualcuno che l'autorità PEC qui creduta non ha certificato. Una contraffazione si presenta così; ma anche un messaggio anteriore al 2011, o un messaggio di prova giudicato con l'autorità di AgID."},
	pec.ChainConstraintsFailure: {
		"The certificate is genuine, but not one with which this provider may sign PEC messages.",
		"Il certificato è vero, ma non è di quelli con cui questo gestore può firmare messaggi PEC."},
	pec.Revoked: {
		"The signer's certificate had been revoked.",
		"Il certificato del firmatario era stato revocato."},
	pec.NotYetValid: {
		"The certified time is before the certificate of the signer was valid.",
		"L'istante certificato precede la validità del certificato del firmatario."},
	pec.Expired: {
		"The certified time is after the certificate of the signer had expired.",
		"All'istante certificato il certificato del firmatario era già scaduto."},
	pec.OutOfBoundsNoPOE: {
		"The signer's certificate was not valid at the time of judgement, and nothing shows when the message existed.",
		"Il certificato del firmatario non era valido all'istante di giudizio, e nulla prova quando il messaggio esistesse."},
	pec.CryptoConstraintsFailure: {
		"Signed with an algorithm or a key that never was acceptable.",
		"Firmato con un algoritmo o una chiave che non sono mai stati accettabili."},
	pec.CryptoConstraintsFailureNoPOE: {
		"Signed with keys or signatures that were in use until 2017 and can be forged by now. With “accept what was in use until 2017” such a message is certified with a warning.",
		"Firmato con chiavi o firme in uso fino al 2017, oggi falsificabili. Con «accettare ciò che era in uso fino al 2017» un simile messaggio è certificato con un'avvertenza."},
	pec.TryLater: {
		"Strict rules want revocation data, which are missing.",
		"Le regole rigorose esigono i dati di revoca, che mancano."},
	pec.SigConstraintsFailure: {
		"The signature is good, but the message around it does not fit what was certified: see below.",
		"La firma è corretta, ma il messaggio che la porta non corrisponde a ciò che è stato certificato: vedi sotto."},
}

// inside says that a certified message is inside one that is not.
func (w writer) inside() string {
	if w.r.Certified || !slices.ContainsFunc(w.r.Layers, func(l *pec.Report) bool { return l.Certified }) {
		return ""
	}
	if w.r.Kind == pec.KindOrdinary {
		return w.words("A certified message is inside. What is around it is ordinary mail, as a mailing list or a forward makes it.",
			"All'interno c'è un messaggio certificato. Ciò che lo racchiude è posta ordinaria, come quella di una mailing list o di un inoltro.")
	}
	return w.words("A certified message is inside. What is around it is not certified.", "All'interno c'è un messaggio certificato. Ciò che lo racchiude non lo è.")
}
