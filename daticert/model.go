package daticert

// element is one of the element types that the DTD declares.
type element uint8

const (
	elPostacert element = iota
	elIntestazione
	elMittente
	elDestinatari
	elRisposte
	elOggetto
	elDati
	elGestoreEmittente
	elData
	elGiorno
	elOra
	elIdentificativo
	elMsgid
	elRicevuta
	elConsegna
	elRicezione
	elErroreEsteso
	elementCount
)

// elementNames are the wire names.
var elementNames = [elementCount]string{
	elPostacert:        "postacert",
	elIntestazione:     "intestazione",
	elMittente:         "mittente",
	elDestinatari:      "destinatari",
	elRisposte:         "risposte",
	elOggetto:          "oggetto",
	elDati:             "dati",
	elGestoreEmittente: "gestore-emittente",
	elData:             "data",
	elGiorno:           "giorno",
	elOra:              "ora",
	elIdentificativo:   "identificativo",
	elMsgid:            "msgid",
	elRicevuta:         "ricevuta",
	elConsegna:         "consegna",
	elRicezione:        "ricezione",
	elErroreEsteso:     "errore-esteso",
}

func (e element) String() string { return elementNames[e] }

func elementNamed(name string) (element, bool) {
	for e, n := range elementNames {
		if n == name {
			return element(e), true
		}
	}
	return 0, false
}

// elementSet is a set of element types.
type elementSet uint32

func (s elementSet) has(e element) bool { return s&(1<<e) != 0 }

func (s *elementSet) add(e element) { *s |= 1 << e }

// particle is one name of a content model, with its number of occurrences.
type particle struct {
	element  element
	required bool // no "?" or "*" after the name
	repeats  bool // "+" or "*" after the name
}

// The content models of the DTD that consist of elements.
//
// spec: RFC 6109 §4.4
var (
	modelPostacert = []particle{
		{elIntestazione, true, false},
		{elDati, true, false},
	}
	modelIntestazione = []particle{
		{elMittente, true, false},
		{elDestinatari, true, true},
		{elRisposte, true, false},
		{elOggetto, false, false},
	}
	modelDati = []particle{
		{elGestoreEmittente, true, false},
		{elData, true, false},
		{elIdentificativo, true, false},
		{elMsgid, false, false},
		{elRicevuta, false, false},
		{elConsegna, false, false},
		{elRicezione, false, true},
		{elErroreEsteso, false, false},
	}
	modelData = []particle{
		{elGiorno, true, false},
		{elOra, true, false},
	}
)
