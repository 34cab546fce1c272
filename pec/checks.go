package pec

// CheckID names a check. IDs are stable: programs may test for them.
type CheckID string

// The checks, in the order in which a report lists them.
const (
	CheckSignature     CheckID = "signature.present"
	CheckStructure     CheckID = "signature.structure"
	CheckEncoding      CheckID = "signature.encoding"
	CheckContent       CheckID = "signature.content"
	CheckOneSigner     CheckID = "signature.signer"
	CheckAttributes    CheckID = "signature.attributes"
	CheckAlgorithms    CheckID = "signature.algorithms"
	CheckDigest        CheckID = "signature.digest"
	CheckLines         CheckID = "signature.lines"
	CheckDigestAge     CheckID = "signature.digest-algorithm"
	CheckCertificate   CheckID = "signature.certificate"
	CheckValue         CheckID = "signature.value"
	CheckSecondOpinion CheckID = "signature.second-opinion"

	CheckPath          CheckID = "trust.path"
	CheckProfile       CheckID = "trust.profile"
	CheckPolicy        CheckID = "trust.policy"
	CheckConstraints   CheckID = "trust.constraints"
	CheckProvider      CheckID = "trust.provider"
	CheckDirectory     CheckID = "provider.directory"
	CheckDomain        CheckID = "provider.domain"
	CheckRevocation    CheckID = "trust.revocation"
	CheckOldAlgorithms CheckID = "trust.algorithms"

	CheckReference CheckID = "time.reference"
	CheckValidity  CheckID = "time.validity"
	CheckPOE       CheckID = "time.poe"
	CheckTimestamp CheckID = "time.timestamp"
	CheckSigning   CheckID = "time.signing"
	CheckFuture    CheckID = "time.future"
	CheckGiven     CheckID = "time.given"

	CheckDaticert   CheckID = "daticert.present"
	CheckSyntax     CheckID = "daticert.syntax"
	CheckCharacters CheckID = "daticert.characters"
	CheckNorm       CheckID = "daticert.norm"
	CheckError      CheckID = "daticert.error"
	CheckTimeout    CheckID = "daticert.timeout"

	CheckFrom       CheckID = "from.address"
	CheckDuplicates CheckID = "header.duplicates"
	CheckFromName   CheckID = "from.name"
	CheckKind       CheckID = "header.kind"
	CheckReferenceI CheckID = "header.reference"
	CheckSecurity   CheckID = "header.security"
	CheckReceipt    CheckID = "header.receipt-type"
	CheckSubject    CheckID = "header.subject"
	CheckReplyTo    CheckID = "header.reply-to"
	CheckRecipients CheckID = "header.recipients"
	CheckDate       CheckID = "header.date"
	CheckMessageID  CheckID = "header.message-id"
	CheckSender     CheckID = "header.sender"

	CheckOriginal           CheckID = "original.present"
	CheckOriginalID         CheckID = "original.message-id"
	CheckOriginalSender     CheckID = "original.sender"
	CheckOriginalRecipients CheckID = "original.recipients"
	CheckOriginalSubject    CheckID = "original.subject"
)

// CheckInfo describes one check.
type CheckInfo struct {
	ID     CheckID
	Clause string // the rule it rests on
	title  phrase
}

// Title says what the check asks, in a few words.
func (i CheckInfo) Title(l Lang) string { return i.title.in(l) }

// Checks returns every check in the order of a report.
func Checks() []CheckInfo { return append([]CheckInfo(nil), checks...) }

var checks = []CheckInfo{
	{CheckSignature, "RFC 6109 §2.1", phrase{"a signature is there", "presenza della firma"}},
	{CheckStructure, "RFC 1847 §2.1", phrase{"structure of the signed message", "struttura del messaggio firmato"}},
	{CheckEncoding, "RFC 5652 §5.1", phrase{"encoding of the signature", "codifica della firma"}},
	{CheckContent, "RFC 5652 §5.2", phrase{"content of the signature", "contenuto della firma"}},
	{CheckOneSigner, "RFC 5652 §5.3", phrase{"exactly one signer", "un solo firmatario"}},
	{CheckAttributes, "RFC 5652 §11", phrase{"signed attributes", "attributi firmati"}},
	{CheckAlgorithms, "RFC 8551 §2", phrase{"algorithms and key", "algoritmi e chiave"}},
	{CheckDigest, "RFC 5652 §5.4", phrase{"digest of the signed part", "impronta della parte firmata"}},
	{CheckLines, "RFC 8551 §3.1.1", phrase{"form of the signed bytes", "forma dei byte firmati"}},
	{CheckDigestAge, "RFC 8551 §2.1", phrase{"age of the digest algorithm", "età dell'algoritmo di impronta"}},
	{CheckCertificate, "RFC 6109 §2.1", phrase{"the signer's certificate is there", "presenza del certificato del firmatario"}},
	{CheckValue, "RFC 5652 §5.6", phrase{"signature value", "valore della firma"}},
	{CheckSecondOpinion, "RFC 5652 §5.6", phrase{"second opinion by another library", "seconda opinione di un'altra libreria"}},
	{CheckPath, "RFC 5280 §6.1", phrase{"path to the authority", "percorso fino all'autorità"}},
	{CheckProfile, "RFC 6109 §5.5", phrase{"profile of the signer's certificate", "profilo del certificato del firmatario"}},
	{CheckPolicy, "RFC 5280 §4.2.1.4", phrase{"certificate policy", "policy del certificato"}},
	{CheckConstraints, "RFC 5280 §4.2.1.10", phrase{"name constraints", "vincoli sui nomi"}},
	{CheckProvider, "RFC 6109 §2.2.2", phrase{"the signer is a PEC provider", "il firmatario è un gestore PEC"}},
	{CheckDirectory, "RFC 6109 §4.5", phrase{"providers' directory", "indice dei gestori"}},
	{CheckDomain, "RFC 6109 §4.5.5", phrase{"the provider manages the domain", "il gestore amministra il dominio"}},
	{CheckRevocation, "RFC 6109 §2.2.2", phrase{"revocation", "revoca"}},
	{CheckOldAlgorithms, "ETSI TS 119 312 §5", phrase{"age of keys and certificate signatures", "età di chiavi e firme dei certificati"}},
	{CheckReference, "ETSI EN 319 102-1 §5.2", phrase{"reference time", "istante di riferimento"}},
	{CheckValidity, "RFC 5280 §6.1.3", phrase{"validity at the reference time", "validità all'istante di riferimento"}},
	{CheckPOE, "ETSI EN 319 102-1 §5.6", phrase{"proof of existence", "prova di esistenza"}},
	{CheckTimestamp, "RFC 3161 §2.4", phrase{"time-stamp", "marca temporale"}},
	{CheckSigning, "RFC 5652 §11.3", phrase{"signing time", "ora di firma"}},
	{CheckFuture, "RFC 6109 §4.1", phrase{"the certified time is not in the future", "l'istante certificato non è nel futuro"}},
	{CheckGiven, "RFC 6109 §4.1", phrase{"the certified time fits the time of judgement", "l'istante certificato è coerente con quello di giudizio"}},
	{CheckDaticert, "RFC 6109 §4.3.3", phrase{"certification data are there, once", "presenza dei dati di certificazione, una sola volta"}},
	{CheckSyntax, "RFC 6109 §4.4", phrase{"certification data can be read", "leggibilità dei dati di certificazione"}},
	{CheckCharacters, "XML 1.0 §2.2", phrase{"characters of the certification data", "caratteri dei dati di certificazione"}},
	{CheckNorm, "RFC 6109 §4.4", phrase{"certification data follow the norm", "conformità dei dati di certificazione"}},
	{CheckError, "RFC 6109 §4.4", phrase{"error code against the kind", "codice d'errore rispetto al tipo"}},
	{CheckTimeout, "RFC 6109 §3.1.6", phrase{"notice at 12 h or at 24 h", "avviso alle 12 o alle 24 ore"}},
	{CheckFrom, "RFC 6109 §2.1", phrase{"From is the signer's address", "From è l'indirizzo del firmatario"}},
	{CheckDuplicates, "RFC 5322 §3.6", phrase{"fields that decide stand once", "i campi decisivi compaiono una volta"}},
	{CheckFromName, "RFC 6109 §2.1", phrase{"address in the name of From", "indirizzo nel nome di From"}},
	{CheckKind, "RFC 6109 §2.1.1", phrase{"X-Trasporto or X-Ricevuta against the certified type", "X-Trasporto o X-Ricevuta rispetto al tipo certificato"}},
	{CheckReferenceI, "RFC 6109 §2.2.1", phrase{"X-Riferimento-Message-ID against the certified one", "X-Riferimento-Message-ID rispetto a quello certificato"}},
	{CheckSecurity, "RFC 6109 §8.1.3", phrase{"X-VerificaSicurezza against the error code", "X-VerificaSicurezza rispetto al codice d'errore"}},
	{CheckReceipt, "RFC 6109 §3.1.5", phrase{"X-TipoRicevuta against the certified one", "X-TipoRicevuta rispetto a quello certificato"}},
	{CheckSubject, "RFC 6109 §3", phrase{"Subject against the certified one", "Subject rispetto all'oggetto certificato"}},
	{CheckReplyTo, "RFC 6109 §3.1.5", phrase{"Reply-To against the certified one", "Reply-To rispetto a quello certificato"}},
	{CheckRecipients, "RFC 6109 §3.1.5", phrase{"To and Cc against the certified addresses", "To e Cc rispetto agli indirizzi certificati"}},
	{CheckDate, "RFC 6109 §4.1", phrase{"Date against the certified time", "Date rispetto all'istante certificato"}},
	{CheckMessageID, "RFC 6109 §2.2.1", phrase{"Message-ID against the certified one", "Message-ID rispetto a quello certificato"}},
	{CheckSender, "RFC 6109 §2.1", phrase{"Sender is From", "Sender coincide con From"}},
	{CheckOriginal, "RFC 6109 §4.3.2", phrase{"original message enclosed", "messaggio originale allegato"}},
	{CheckOriginalID, "RFC 6109 §2.2.1", phrase{"Message-ID of the original", "Message-ID dell'originale"}},
	{CheckOriginalSender, "RFC 6109 §2.1", phrase{"sender of the original", "mittente dell'originale"}},
	{CheckOriginalRecipients, "RFC 6109 §2.1", phrase{"recipients of the original", "destinatari dell'originale"}},
	{CheckOriginalSubject, "RFC 6109 §4.4", phrase{"subject of the original", "oggetto dell'originale"}},
}

// position is the place of each check in the list.
var position = func() map[CheckID]int {
	m := make(map[CheckID]int, len(checks))
	for i, c := range checks {
		m[c.ID] = i
	}
	return m
}()
