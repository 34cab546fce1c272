package pec

import (
	"slices"
	"strings"
	"time"

	"github.com/gopec/gopec/trust/directory"
)

// directoryLag is how far the date of a directory may lie from the certified time
// for absence from it to count: providers renew their copy every day, so a copy
// may be a day old, and so may what it was made from.
//
// spec: RFC 6109 §4.5
const directoryLag = 48 * time.Hour

// checkDirectory asks the providers' directory about the signer, if there is one.
// It never stands for a path: that is judged by itself.
func (v *verifier) checkDirectory() {
	d := v.o.Directory
	switch {
	case d == nil:
		v.skip(CheckDirectory, phrase{"not checked: no providers' directory was given; whether the signer is a provider rests on the authority's constraints (trust.provider)%s",
			"non verificato: non è stato fornito l'indice dei gestori; che il firmatario sia un gestore si desume dai vincoli dell'autorità (trust.provider)%s"}, v.knownAs())
		v.skip(CheckDomain, phrase{"not checked: no providers' directory was given", "non verificato: non è stato fornito l'indice dei gestori"})
	case v.Signer == nil:
		none := phrase{"not checked: no certificate for the signer", "non verificato: manca il certificato del firmatario"}
		v.skip(CheckDirectory, none)
		v.skip(CheckDomain, none)
	default:
		v.checkDomain(d, v.checkListed(d))
	}
}

// knownAs names the provider of a signer with a path, for people: from a table
// that decides nothing.
func (v *verifier) knownAs() sentence {
	none := sentence{phrase{"", ""}, nil}
	if v.Signer == nil || v.trust == nil || v.trust.Path.Status != Pass {
		return none
	}
	host := v.Signer.Email[strings.LastIndexByte(v.Signer.Email, '@')+1:]
	known, ok := directory.KnownByHost(host)
	switch {
	case !ok:
		return none
	case known.Ceased != "":
		return sentence{phrase{"; %s is known as a host of %s, which ended its service on %s", "; %s è noto come host di %s, che ha cessato il servizio il %s"}, []any{host, known.Name, known.Ceased}}
	}
	return sentence{phrase{"; %s is known as a host of %s", "; %s è noto come host di %s"}, []any{host, known.Name}}
}

// source names a directory in a sentence: what it is called, its date, and who
// vouches for it.
func source(d *directory.Directory) sentence {
	date, whose := d.Date()
	var day any = phrase{"of unknown date", "di data ignota"}
	switch whose {
	case directory.DateSigned:
		day = sentence{phrase{"of %s", "del %s"}, []any{date.UTC()}}
	case directory.DateGiven:
		day = sentence{phrase{"of %s, the date given with it", "del %s, data fornita con il file"}, []any{date.UTC()}}
	case directory.DateRecords:
		day = sentence{phrase{"of %s or later", "del %s o successivo"}, []any{date.UTC()}}
	}
	if s := d.Signature; s != nil {
		expired := phrase{"", ""}
		if s.Expired {
			expired = phrase{", whose certificate has expired since", ", il cui certificato è poi scaduto"}
		}
		return sentence{phrase{"the providers' directory %s %s, signed by %s%s", "indice dei gestori %s %s, firmato da %s%s"}, []any{d.Name, day, s.Name, expired}}
	}
	return sentence{phrase{"the providers' directory %s %s, not authenticated", "indice dei gestori %s %s, non autenticato"}, []any{d.Name, day}}
}

// binding reports whether what a directory does not say counts against a message:
// somebody vouches for it, it lists all providers, all of it was read, and it is of
// the time of the message. Otherwise provider and domain may have come or gone
// between the one and the other; the words say which of these is the case.
func (v *verifier) binding(d *directory.Directory) (why phrase, binds bool) {
	date, whose := d.Date()
	switch {
	case !d.Authenticated():
		return phrase{"nobody vouches for the directory", "nessuno garantisce per l'indice"}, false
	case !d.Complete():
		return phrase{"not all of the directory could be read", "non tutto l'indice è leggibile"}, false
	case whose != directory.DateSigned:
		return phrase{"the directory bears no signed date", "l'indice non porta una data firmata"}, false
	case v.at.IsZero():
		return phrase{"the message certifies no time", "il messaggio non certifica un istante"}, false
	case v.at.Sub(date).Abs() > directoryLag:
		return phrase{"the directory is of another time than the message", "l'indice è di un periodo diverso dal messaggio"}, false
	}
	return phrase{"", ""}, true
}

// checkListed asks whether the certificate is that of a provider, and returns
// the records of the provider.
//
// spec: RFC 6109 §2.2.2 (signature origin), §4.5.1, §5.5.1
func (v *verifier) checkListed(d *directory.Directory) []*directory.Record {
	c := v.Signer.Certificate
	if found := d.ByCertificate(c); len(found) > 0 {
		var records []*directory.Record
		for _, m := range found {
			if m.HashOnly == found[0].HashOnly {
				records = append(records, m.Record)
			}
		}
		if found[0].HashOnly {
			v.warn(CheckDirectory, phrase{"the SHA-1 hash of the certificate is listed for %s, the certificate itself is not, so that the two could not be compared (%s)",
				"l'impronta SHA-1 del certificato è registrata a nome di %s, il certificato no, perciò non è stato possibile confrontarli (%s)"}, namesOf(records), source(d))
		} else {
			v.pass(CheckDirectory, phrase{"the certificate is listed for %s (%s)", "il certificato è registrato a nome di %s (%s)"}, namesOf(records), source(d))
		}
		return records
	}
	if records := d.Named(c); len(records) > 0 {
		v.warn(CheckDirectory, phrase{"%s is in the directory, this certificate is not: certificates are renewed, and directories are of one date (%s)",
			"%s è nell'indice, questo certificato no: i certificati si rinnovano e un indice è di una sola data (%s)"}, namesOf(records), source(d))
		return records
	}
	if !d.Whole {
		v.skip(CheckDirectory, phrase{"not checked: the file does not list all providers, and this one is not in it (%s)",
			"non verificato: il file non elenca tutti i gestori e questo non vi compare (%s)"}, source(d))
		return nil
	}
	unknown := phrase{"neither the certificate nor a provider that it names is in the directory (%s)",
		"né il certificato né un gestore da esso indicato compaiono nell'indice (%s)"}
	if why, binds := v.binding(d); !binds {
		v.warn(CheckDirectory, phrase{"%s; this does not decide, because %s", "%s; non è decisivo, perché %s"}, sentence{unknown, []any{source(d)}}, why)
		return nil
	}
	v.fail(CheckDirectory, row9, unknown, source(d))
	return nil
}

// namesOf names the providers of some records, each once.
func namesOf(records []*directory.Record) []string {
	var names []string
	for _, r := range records {
		name := r.Provider
		if r.Unit != "" {
			name += " (" + r.Unit + ")"
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// domainOutcome is what the directory says of one address, the better the larger.
type domainOutcome int

const (
	ofAnother domainOutcome = iota // managed by another provider
	ofNobody                       // managed by none
	ofSigner                       // managed by the signer's provider
)

// checkDomain asks whether the signer's provider manages the domain for which
// only it issues such a message.
//
// spec: RFC 6109 §4.5.5, §7
func (v *verifier) checkDomain(d *directory.Directory, records []*directory.Record) {
	addresses, one := v.answerable()
	switch {
	case v.Data == nil:
		v.skip(CheckDomain, phrase{"not checked: there are no certification data", "non verificato: mancano i dati di certificazione"})
		return
	case len(addresses) == 0:
		v.skip(CheckDomain, phrase{"not checked: the certification data name no address to judge by", "non verificato: i dati di certificazione non indicano un indirizzo in base al quale giudicare"})
		return
	case len(records) == 0:
		v.skip(CheckDomain, phrase{"not checked: the signer's provider is not in the directory (%s)", "non verificato: il gestore del firmatario non è nell'indice (%s)"}, source(d))
		return
	}
	address, outcome := addresses[0], managedBy(d, addresses[0], records)
	for _, a := range addresses[1:] {
		o := managedBy(d, a, records)
		if one && o > outcome || !one && o < outcome {
			address, outcome = a, o
		}
	}
	v.reportDomain(d, records, address, outcome)
}

// answerable returns the addresses whose provider issues a message of the kind:
// all of them, or one of them.
func (v *verifier) answerable() (addresses []string, one bool) {
	if v.Data == nil {
		return nil, false
	}
	switch v.Kind {
	case KindTransport, KindAcceptance, KindNonAcceptance, KindTimeout:
		addresses = []string{v.Data.Sender}
	case KindDelivery:
		addresses = []string{v.Data.Delivery}
	case KindTakingInCharge:
		addresses = v.Data.Receptions
	case KindDeliveryError, KindVirusDetection:
		// The sender's provider issues them too: for a domain that answers
		// nothing, for its own users, and when it finds the virus itself.
		one = true
		addresses = []string{v.Data.Sender, v.Data.Delivery}
		if v.Data.Delivery == "" {
			for _, r := range v.Data.Recipients {
				addresses = append(addresses, r.Address)
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(addresses), func(a string) bool { return !strings.Contains(a, "@") }), one
}

// managedBy says who manages an address's domain.
func managedBy(d *directory.Directory, address string, records []*directory.Record) domainOutcome {
	found := d.ByAddress(address)
	for _, r := range found {
		if slices.ContainsFunc(records, r.SameProvider) {
			return ofSigner
		}
	}
	if len(found) > 0 {
		return ofAnother
	}
	return ofNobody
}

func (v *verifier) reportDomain(d *directory.Directory, records []*directory.Record, address string, outcome domainOutcome) {
	switch outcome {
	case ofSigner:
		v.pass(CheckDomain, phrase{"the domain of %s is managed by %s (%s)", "il dominio di %s è amministrato da %s (%s)"}, address, namesOf(records), source(d))
		return
	case ofNobody:
		// A domain is new before it is in anybody's copy of the directory.
		v.warn(CheckDomain, phrase{"the domain of %s is not among those of %s nor of another provider (%s)",
			"il dominio di %s non è fra quelli di %s né di un altro gestore (%s)"}, address, namesOf(records), source(d))
		return
	}
	other := sentence{phrase{"the domain of %s is managed by %s, the signer is %s (%s)", "il dominio di %s è amministrato da %s, il firmatario è %s (%s)"},
		[]any{address, namesOf(d.ByAddress(address)), namesOf(records), source(d)}}
	if why, binds := v.binding(d); !binds {
		v.warn(CheckDomain, phrase{"%s; this does not decide, because %s", "%s; non è decisivo, perché %s"}, other, why)
		return
	}
	v.fail(CheckDomain, row9, phrase{"%s", "%s"}, other)
}
