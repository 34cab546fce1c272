package directory

import "slices"

// KnownProvider is one row of a small table of providers, for people to read. No
// check decides by it.
//
// Sources: the name constraints of the ten certificates of AgID CA1 from
// 2017-10-12 to 2025-02-20, which AgID publishes (github.com/AgID/ca-agid-ca1) or
// which travel with messages, for hosts, names and dates; signing certificates in
// genuine messages of 2013 to 2026 for what is marked Certificate; for the end of
// IRIDEOS's service in 2024 the notice of a reseller (kolst.com/home/pec).
type KnownProvider struct {
	Name   string   // organisation; the newest spelling
	Former []string // earlier names in the constraints
	Hosts  []KnownHost
	// Certificate: name and host stand in one certificate that was seen.
	// Otherwise the constraints have both, and that they belong together follows
	// from the names alone.
	Certificate bool
	Ceased      string // the day its service ended, YYYY-MM-DD, where a source tells; "" otherwise
	Successor   string // who took its mailboxes over
}

// KnownHost is a mail host of a provider: what it issues comes from
// posta-certificata@host. From and Until are when the authority's constraints
// first named it and first did not any more, YYYY-MM-DD: when it was seen there,
// not when the provider began or ended. 2017-10-12 is the first constraint there
// is, so such a host may be older; Until is "" for one that the newest of
// 2025-02-20 names.
type KnownHost struct{ Host, From, Until string }

// since are the days of the constraints, by how they are used below.
const (
	first     = "2017-10-12"
	april2018 = "2018-04-04"
	july2018  = "2018-07-11"
	june2019  = "2019-06-13"
	sept2021  = "2021-09-21"
	newest    = "2025-02-20"
)

// hosts are those that the first constraints and the newest name.
func hosts(all ...string) (out []KnownHost) {
	for _, h := range all {
		out = append(out, KnownHost{Host: h, From: first})
	}
	return out
}

// known leaves out the hosts pec.bill4me.it (from 2019-06-13) and miapec.it (from
// 2020-01-30), whose organisation no source tells, and Telsy S.p.A. (from
// 2020-10-13), whose host none does.
var known = []KnownProvider{
	{Name: "ACI Informatica S.p.A.", Hosts: append(hosts("cert.informatica.aci.it"), KnownHost{"pupec.informatica.aci.it", june2019, ""})},
	{Name: "Actalis S.p.A.", Hosts: hosts("pec.actalis.it")},
	{Name: "Agenzia per l'Italia Digitale", Hosts: hosts("agid.gov.it")},
	{Name: "Ancitel S.p.A.", Hosts: hosts("pec.ancitel.it")},
	{Name: "Aruba PEC S.p.A.", Hosts: hosts("pec.aruba.it"), Certificate: true},
	{Name: "Cedacri S.p.A.", Hosts: hosts("postacert.cedacri.it")},
	{Name: "Consiglio Nazionale del Notariato", Hosts: hosts("postacertificata.notariato.it")},
	{Name: "Fastweb S.p.A.", Hosts: hosts("fastweb-pec.it")},
	{Name: "In.Te.S.A. S.p.A.", Hosts: append(hosts("trustedmail.intesa.it"), KnownHost{"cert.intesa.it", april2018, ""})},
	{Name: "InfoCert S.p.A.", Hosts: hosts("legalmail.it"), Certificate: true},
	{Name: "InnovaPuglia S.p.A.", Hosts: hosts("pec.rupar.puglia.it")},
	{Name: "Intesi Group S.p.A.", Hosts: []KnownHost{{"ig-trustmail.com", sept2021, ""}}},
	{
		Name: "IRIDEOS S.p.A.", Former: []string{"KPNQWEST ITALIA S.r.l.", "KPNQwest Italia S.p.A."},
		Hosts:  append(hosts("kmailer.it"), KnownHost{"certmail.kpnqwest.it", april2018, ""}, KnownHost{"certmail.irideos.it", july2018, ""}),
		Ceased: "2024-06-20", Successor: "Intesi Group S.p.A.",
	},
	{Name: "ITnet S.r.l.", Hosts: hosts("postacert.it.net")},
	{Name: "Ministero dell'Interno", Hosts: hosts("cert.interno.it")},
	{Name: "Namirial S.p.A.", Hosts: append(hosts("sicurezzapostale.it"), KnownHost{"pro.sicurezzapostale.it", june2019, ""}), Certificate: true},
	{Name: "Notartel S.p.A.", Hosts: []KnownHost{{"pec.notartel.it", june2019, ""}}},
	{Name: "Numera Sistemi e Informatica S.p.A.", Hosts: []KnownHost{{"pec.numera.it", first, july2018}}},
	{Name: "Poste Italiane S.p.A.", Hosts: hosts("postecert.it", "pec.postecert.it", "pec.posteitaliane.it")},
	{Name: "Postel S.p.A.", Hosts: []KnownHost{{"postecertifica.it", newest, ""}}},
	{Name: "ReeVo S.p.A.", Hosts: []KnownHost{{"pec.reevo.eu", newest, ""}}},
	{Name: "Regione Basilicata", Hosts: hosts("pec.basilicatanet.it")},
	{Name: "Regione Marche", Hosts: hosts("emarche.it")},
	{Name: "Register S.p.A.", Former: []string{"Register.it S.p.A."}, Hosts: hosts("pec-email.com")},
	{Name: "Sogei S.p.A.", Hosts: hosts("pcert.sogei.it"), Certificate: true},
	{Name: "Telecom Italia Trust Technologies S.r.l.", Hosts: hosts("telecompost.it")},
	{Name: "TWT S.p.A.", Hosts: hosts("twtcert.it")},
	{Name: "Università degli Studi di Napoli Federico II", Hosts: hosts("gestorepec.unina.it")},
	{Name: "Zucchetti S.p.A.", Hosts: hosts("zucchettipec.it")},
}

// KnownProviders returns the table, by name.
func KnownProviders() []KnownProvider {
	out := slices.Clone(known)
	for i := range out {
		out[i] = out[i].clone()
	}
	return out
}

func (p KnownProvider) clone() KnownProvider {
	p.Hosts, p.Former = slices.Clone(p.Hosts), slices.Clone(p.Former)
	return p
}

// KnownByHost returns the provider that a host belongs to, as far as the table
// knows. It gives a name to show; that a host is in it proves nothing.
func KnownByHost(host string) (p KnownProvider, ok bool) {
	host, ok = FoldDomain(host)
	if !ok {
		return p, false
	}
	for i := range known {
		if slices.ContainsFunc(known[i].Hosts, func(h KnownHost) bool { return h.Host == host }) {
			return known[i].clone(), true
		}
	}
	return p, false
}
