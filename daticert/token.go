package daticert

// Type is the kind of PEC message that the data belongs to: attribute tipo of
// the root element. The value is the wire token, so a token outside the list
// is kept as it was written. The zero value means that there is none.
//
// spec: RFC 6109 §4.4
type Type string

// The eight types of the norm.
const (
	TypeTransport      Type = "posta-certificata"         // busta di trasporto
	TypeAcceptance     Type = "accettazione"              // ricevuta di accettazione
	TypeNonAcceptance  Type = "non-accettazione"          // avviso di non accettazione
	TypeTakingInCharge Type = "presa-in-carico"           // ricevuta di presa in carico
	TypeDelivery       Type = "avvenuta-consegna"         // ricevuta di avvenuta consegna
	TypeDeliveryError  Type = "errore-consegna"           // avviso di mancata consegna
	TypeTimeout        Type = "preavviso-errore-consegna" // avviso per superamento del tempo massimo: 12 h or 24 h
	TypeVirusDetection Type = "rilevazione-virus"         // avviso di rilevazione virus
)

// Known reports whether t is one of the eight types of the norm.
func (t Type) Known() bool {
	switch t {
	case TypeTransport, TypeAcceptance, TypeNonAcceptance, TypeTakingInCharge,
		TypeDelivery, TypeDeliveryError, TypeTimeout, TypeVirusDetection:
		return true
	}
	return false
}

// ErrorCode is attribute errore of the root element, as the wire token.
//
// QUIRK: providers use it loosely: errore="altro" with the reason only in
// errore-esteso is common, so ask [Data.Detail] too.
type ErrorCode string

// The five codes of the norm. An absent attribute reads as [ErrorNone], the
// default of the DTD.
const (
	ErrorNone      ErrorCode = "nessuno"    // no error
	ErrorRecipient ErrorCode = "no-dest"    // wrong recipient
	ErrorDomain    ErrorCode = "no-dominio" // wrong domain
	ErrorVirus     ErrorCode = "virus"      // virus found
	ErrorOther     ErrorCode = "altro"      // any other error
)

// Known reports whether c is one of the five codes of the norm.
func (c ErrorCode) Known() bool {
	switch c {
	case ErrorNone, ErrorRecipient, ErrorDomain, ErrorVirus, ErrorOther:
		return true
	}
	return false
}

// ReceiptType is the kind of delivery receipt that the sender asked for:
// attribute tipo of element ricevuta. The zero value means that there is none.
type ReceiptType string

// The three receipt types of the norm.
const (
	ReceiptComplete ReceiptType = "completa"
	ReceiptBrief    ReceiptType = "breve"
	ReceiptConcise  ReceiptType = "sintetica"
)

// Known reports whether t is one of the three receipt types of the norm.
func (t ReceiptType) Known() bool {
	return t == ReceiptComplete || t == ReceiptBrief || t == ReceiptConcise
}

// RecipientType tells whether a recipient has a PEC mailbox: attribute tipo of
// element destinatari. An absent attribute reads as [RecipientCertified], the
// default of the DTD.
type RecipientType string

// The two recipient types of the norm.
const (
	RecipientCertified RecipientType = "certificato" // a PEC mailbox
	RecipientExternal  RecipientType = "esterno"     // ordinary mail: never a delivery receipt
)

// Known reports whether t is one of the two recipient types of the norm.
func (t RecipientType) Known() bool {
	return t == RecipientCertified || t == RecipientExternal
}

// constants are the tokens of the norm.
var constants = func() map[string]string {
	all := make(map[string]string)
	for _, t := range []string{
		string(TypeTransport), string(TypeAcceptance), string(TypeNonAcceptance), string(TypeTakingInCharge),
		string(TypeDelivery), string(TypeDeliveryError), string(TypeTimeout), string(TypeVirusDetection),
		string(ErrorNone), string(ErrorRecipient), string(ErrorDomain), string(ErrorVirus), string(ErrorOther),
		string(ReceiptComplete), string(ReceiptBrief), string(ReceiptConcise),
		string(RecipientCertified), string(RecipientExternal),
	} {
		all[t] = t
	}
	return all
}()

// constant returns the token of the norm that equals s, or s. Programs keep the
// type of a message long after the message: as a piece of its XML it would keep
// that in memory.
func constant(s string) string {
	if t, ok := constants[s]; ok {
		return t
	}
	return s
}
