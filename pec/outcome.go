package pec

// Outcome is the first line for a person: whether the message is authentic,
// and what that means. It never says "authentic" of a message that is not
// certified or that certifies nothing.
func (r *Report) Outcome(l Lang) string {
	if r.Certified {
		return outcomes[r.Proves].in(l)
	}
	switch {
	case r.Kind == KindOrdinary && r.Message != nil && r.Message.Claims.IsPEC():
		return phrase{"NOT certified: calls itself PEC, but is not signed", "NON certificato: si presenta come PEC, ma non è firmato"}.in(l)
	case r.Kind == KindOrdinary:
		return phrase{"ordinary mail: nothing is certified", "posta ordinaria: nulla è certificato"}.in(l)
	case r.Verdict == "":
		return phrase{"no verdict: a limit was passed", "nessun esito: superato un limite"}.in(l)
	case r.Verdict == TotalFailed:
		return phrase{"NOT authentic", "NON autentica"}.in(l)
	case r.Verdict == Indeterminate:
		return phrase{"authenticity could NOT be shown", "autenticità NON dimostrata"}.in(l)
	case r.Kind == KindAnomaly:
		return phrase{"anomaly envelope: the signature is good, but nothing is certified", "busta di anomalia: la firma è corretta, ma nulla è certificato"}.in(l)
	}
	return phrase{"signed, but no PEC message: nothing is certified", "firmato, ma non è un messaggio PEC: nulla è certificato"}.in(l)
}

var outcomes = map[Proof]phrase{
	ProvesSent:          {"authentic: SENT by certified mail", "autentica: INVIATO con posta certificata"},
	ProvesAccepted:      {"authentic: ACCEPTED", "autentica: ACCETTATO"},
	ProvesRefused:       {"authentic: NOT accepted", "autentica: NON accettato"},
	ProvesTaken:         {"authentic: TAKEN IN CHARGE by the recipient's provider", "autentica: PRESO IN CARICO dal gestore del destinatario"},
	ProvesDelivered:     {"authentic: DELIVERED", "autentica: CONSEGNATO"},
	ProvesNotDelivered:  {"authentic: NOT delivered", "autentica: NON consegnato"},
	ProvesLate:          {"authentic: NOT YET delivered after 12 hours", "autentica: NON ANCORA consegnato dopo 12 ore"},
	ProvesExpired:       {"authentic: NOT delivered within 24 hours", "autentica: NON consegnato entro 24 ore"},
	ProvesLateOrExpired: {"authentic: NOT delivered in time (12 or 24 hours)", "autentica: NON consegnato nei tempi (12 o 24 ore)"},
	ProvesVirus:         {"authentic: STOPPED because of a virus", "autentica: FERMATO per la presenza di un virus"},
}

// Name says what a kind is called.
func (k Kind) Name(l Lang) string {
	if p, ok := kindNames[k]; ok {
		return p.in(l)
	}
	return string(k)
}

var kindNames = map[Kind]phrase{
	KindTransport:      {"transport envelope", "busta di trasporto"},
	KindAcceptance:     {"acceptance receipt", "ricevuta di accettazione"},
	KindNonAcceptance:  {"notice of non-acceptance", "avviso di non accettazione"},
	KindTakingInCharge: {"receipt of taking in charge", "ricevuta di presa in carico"},
	KindDelivery:       {"delivery receipt", "ricevuta di avvenuta consegna"},
	KindDeliveryError:  {"notice of non-delivery", "avviso di mancata consegna"},
	KindTimeout:        {"notice of non-delivery for lapse of time", "avviso di mancata consegna per superamento del tempo massimo"},
	KindVirusDetection: {"notice of virus detection", "avviso di rilevazione virus"},
	KindAnomaly:        {"anomaly envelope", "busta di anomalia"},
	KindOrdinary:       {"ordinary mail", "posta ordinaria"},
	KindUnknown:        {"unknown signed message", "messaggio firmato sconosciuto"},
}
