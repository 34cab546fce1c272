package trust

import (
	"slices"
	"sync"
)

// AgID CA1, the authority of the PEC circuit since October 2017: an authority
// under Actalis' root that has issued all providers' signing certificates.
//
// Its certificate was made anew whenever the list of providers changed, ten
// times so far as is known, always over the same key. The name constraints of
// each (not critical) permit the mail hosts and the organisations of the
// providers of that time: the only signed list of providers that travels with
// the messages. What follows is that list, and nothing else of the certificates.

// agidKey is the modulus of AgID CA1, RSA-2048.
const agidKey = "" +
	"d5369f45eb8bcc1ea48d806abcc9546e44f7f910a5786e2db5f7b1080dd118d3" +
	"7e1bcf07d7f05d1adfbdaaf9ba9b161afc0fb940766770368ec7836b585bbc77" +
	"9e7e491f8ca4ff52452276a6442a9adbd7beadff326835523b9604428e3cfdd0" +
	"1c958d41c816ec1050739531b7c7c9e056a5342bcd8b319e87d12917a9dd9112" +
	"2e584a6a59f8ffcfeb4880b19c3f0aa5e4d0e35427f156298f4455d0d534fa4f" +
	"55811f42fcae335f5cf80289cc7a67113fff01d571728e4d8b6aa5171edf0b07" +
	"0e966fe3983be9fdad7293f290f2afdff377e912271c48da0be8a327bb5eddf1" +
	"246a8e0e4a59aeedd0dc66f973c4f6519da69ca67039c88de29ff9b5c39a0b57"

// actalisKey is the modulus of Actalis Authentication Root CA, RSA-4096. It is
// no anchor: it only tells which certificates of AgID CA1 are genuine.
const actalisKey = "" +
	"a7c6c4a529a42cefe518c5b050a36f513b9f0a5ac9c248380ac21ca0187f91b5" +
	"87b9403fdd1d681f0883d52d1e88a0f88f568f6d9902929016d55f086c89d7e1" +
	"acbc20c2b1e083518a694d00965a6f2fc0447ea30ee491cd58eedcfbc71e4547" +
	"dd27b908019fa6211df5412d2f4cfd28ade08aad22b456658e86548f934329de" +
	"394678a33023bacdf07d1357c05dd2836b484cc4ab9f805a5b3abdc9a7223f80" +
	"27335b0eb78a0c5d073708cb6cd27a47224435c5cccc2e8edd2aedb77d660d5f" +
	"615122551be346e3e33dd035629adbaf14c85ba1cc891be13026fca09b1f81a7" +
	"471f04eba33992069f99d3bfd3ea4f509c19fe96871e3c65f6a31824838610e7" +
	"543ea83a76244f8121c5e30f02f893944720bbfed40ed368b9ddc47a8482e353" +
	"5479dddb9cd2f2079b2eb6bc3eed856def2511f2971a4261f74a97e88bb11007" +
	"fa6581b2a239cff73cff18fbc6f15a8b59e202ac7b92d04e144f5945f60c5e28" +
	"5fb0e83f45cfcfaf9b6ffb84d3775a956fac94849eeebcc04a8f4a93f84421e2" +
	"314561504e10d8e3357c4c19b4de05bfa3069fc8b5cde41fd717060d7a957455" +
	"0d681afc101b62649d6de095a0c39407570d14e6bd05fbb89fe6df8be2c6e77e" +
	"96f653c58034502858f01250711730bae67863bcf4b2ad9b2bb2fee1398c5eba" +
	"0b2094de7b83b8ffe3568db711e93b8cf2b1c15d9da40b4c2bd9b218f5b59f4b"

// organization is one permitted directoryName: C=IT, ST, L, O.
type organization struct{ province, locality, name string }

func (o organization) directoryName() name {
	return newName(oidCountry, "IT", oidProvince, o.province, oidLocality, o.locality, oidOrganization, o.name)
}

// agidHosts and agidOrganizations are what the first generation permits.
// Hosts are written without a dot in front: that host only.
var agidHosts = []string{
	"agid.gov.it",
	"cert.informatica.aci.it",
	"cert.interno.it",
	"emarche.it",
	"fastweb-pec.it",
	"gestorepec.unina.it",
	"kmailer.it",
	"legalmail.it",
	"pcert.sogei.it",
	"pec.actalis.it",
	"pec.ancitel.it",
	"pec.aruba.it",
	"pec.basilicatanet.it",
	"pec-email.com",
	"pec.numera.it",
	"pec.postecert.it",
	"pec.posteitaliane.it",
	"pec.rupar.puglia.it",
	"postacert.cedacri.it",
	"postacertificata.notariato.it",
	"postacert.it.net",
	"postecert.it",
	"sicurezzapostale.it",
	"telecompost.it",
	"trustedmail.intesa.it",
	"twtcert.it",
	"zucchettipec.it",
}

var agidOrganizations = []organization{
	{"Roma", "Roma", "ACI Informatica S.p.A."},
	{"Bergamo", "Ponte San Pietro", "Aruba PEC S.p.A."},
	{"Bergamo", "Ponte San Pietro", "Actalis S.p.A."},
	{"Roma", "Roma", "Agenzia per l'Italia Digitale"},
	{"Roma", "Roma", "Ancitel S.p.A."},
	{"Parma", "Collecchio", "Cedacri S.p.A."},
	{"Roma", "Roma", "Consiglio Nazionale del Notariato"},
	{"Milano", "Milano", "Fastweb S.p.A."},
	{"Milano", "Assago", "ITnet S.r.l."},
	{"Torino", "Torino", "In.Te.S.A. S.p.A."},
	{"Roma", "Roma", "InfoCert S.p.A."},
	{"Bari", "Valenzano", "InnovaPuglia S.p.A."},
	{"Milano", "Milano", "KPNQwest Italia S.p.A."},
	{"Ancona", "Senigallia", "Namirial S.p.A."},
	{"Sassari", "Sassari", "Numera Sistemi e Informatica S.p.A."},
	{"Roma", "Roma", "Poste Italiane S.p.A."},
	{"Potenza", "Potenza", "Regione Basilicata"},
	{"Ancona", "Ancona", "Regione Marche"},
	{"Firenze", "Firenze", "Register.it S.p.A."},
	{"Roma", "Roma", "Sogei S.p.A."},
	{"Milano", "Milano", "TWT S.p.A."},
	{"Roma", "Pomezia", "Telecom Italia Trust Technologies S.r.l."},
	{"Napoli", "Napoli", "UNIVERSITA DEGLI STUDI DI NAPOLI FEDERICO II"},
	{"Lodi", "Lodi", "Zucchetti S.p.A."},
}

// agidChange is one generation: its certificate, and how its lists differ from
// the one before.
type agidChange struct {
	certificate, notBefore, notAfter string

	hosts, noHosts                 []string
	organizations, noOrganizations []organization

	noDNS bool // no constraint on DNS names; elsewhere there are some
}

var agidChanges = []agidChange{
	{
		certificate: "d070bf019cfba46c8d3414d6fe8d7d21077f3545c2fe839e3d250f324e37c5ab",
		notBefore:   "2017-10-12 13:29:53", notAfter: "2027-10-12 13:29:53",
	},
	{
		certificate: "4648900b04272628ab7b2d82ddf74cd5b78d77f8652d5bbf2824bb64dd178659",
		notBefore:   "2018-04-04 12:21:02", notAfter: "2028-04-03 12:21:02",
		hosts:         []string{"cert.intesa.it", "certmail.kpnqwest.it"},
		organizations: []organization{{"Milano", "Milano", "KPNQWEST ITALIA S.r.l."}},
	},
	{
		certificate: "9271ca7e88ced25ed1d1f8e08afa03b11d1fe12ed1125585ada501243e2cac09",
		notBefore:   "2018-07-11 10:03:14", notAfter: "2028-07-10 10:03:14",
		hosts:         []string{"certmail.irideos.it"},
		noHosts:       []string{"pec.numera.it"},
		organizations: []organization{{"Milano", "Milano", "IRIDEOS S.p.A."}},
		noOrganizations: []organization{
			{"Milano", "Milano", "KPNQwest Italia S.p.A."},
			{"Sassari", "Sassari", "Numera Sistemi e Informatica S.p.A."},
		},
	},
	{
		certificate: "e7fa0f67c9b6d886c868408996dbdfc3680e8b9ec47628eefb4824c23a287693",
		notBefore:   "2019-06-13 07:48:47", notAfter: "2029-06-12 07:48:47",
		hosts: []string{"pupec.informatica.aci.it", "pro.sicurezzapostale.it", "pec.bill4me.it", "pec.notartel.it"},
		organizations: []organization{
			{"Firenze", "Firenze", "Register S.p.A."},
			{"Roma", "Roma", "Notartel S.p.A."},
		},
		noOrganizations: []organization{{"Firenze", "Firenze", "Register.it S.p.A."}},
	},
	{
		certificate: "d793d934dd1b9ff9f6a76d438c760ed44b72bcde660b49a77dbcf81ec7ceb3a9",
		notBefore:   "2020-01-30 07:19:47", notAfter: "2030-01-29 07:19:47",
		hosts: []string{"miapec.it"},
	},
	{
		certificate: "f7b09eea79096a4498f6a2b8d6f1183228a3769ea988050d1b32a380eabc4f9e",
		notBefore:   "2020-02-19 09:58:32", notAfter: "2030-02-18 09:58:32",
	},
	{
		certificate: "404a2b23b25200446ca7213e1af56635cb93ddf7bef0d87664ba411b7f4c8e56",
		notBefore:   "2020-10-13 06:10:10", notAfter: "2030-09-22 11:22:02",
		organizations: []organization{{"Torino", "Torino", "Telsy S.p.A."}},
	},
	{
		certificate: "4931388dc85b1fb943ed8ee6acfa015753cb048166470626c7ff939ed022a8ae",
		notBefore:   "2021-06-22 07:27:41", notAfter: "2030-09-22 11:22:02", noDNS: true,
	},
	{
		certificate: "32322ae2e31a7430be1d6c04bd8cabfbd240c74d2c9dbe82780db1f3f73660a6",
		notBefore:   "2021-09-21 06:30:58", notAfter: "2030-09-22 11:22:02", noDNS: true,
		hosts:         []string{"ig-trustmail.com"},
		organizations: []organization{{"Milano", "Milano", "Intesi Group S.p.A."}},
	},
	{
		certificate: "790ec428504a61f273e4fcf7ffd4d56991edc02d4402fbbd8914e149fa278c1d",
		notBefore:   "2025-02-20 14:57:40", notAfter: "2030-09-22 11:22:02",
		hosts: []string{"postecertifica.it", "pec.reevo.eu"},
		organizations: []organization{
			{"Roma", "Roma", "Postel S.p.A."},
			{"Milano", "Milano", "ReeVo S.p.A."},
		},
	},
}

// agid returns the authority. It is made once.
var agid = sync.OnceValue(func() *authority {
	a := &authority{
		title: "AgID CA1",
		subject: newName(oidCountry, "IT", oidLocality, "Roma", oidOrganization, "Agenzia per l'Italia Digitale",
			oidUnit, "Area Soluzioni per la Pubblica Amministrazione", oidCommonName, "AgID CA1"),
		parent: newName(oidCountry, "IT", oidLocality, "Milan", oidOrganization, "Actalis S.p.A./03358520967",
			oidCommonName, "Actalis Authentication Root CA"),
		policy:         oidPECSignerPolicy,
		listsProviders: true,
	}
	a.key, a.keyHash = rsaKey(agidKey)
	a.parentKey, a.parentKeyHash = rsaKey(actalisKey)

	hosts, organizations := slices.Clone(agidHosts), slices.Clone(agidOrganizations)
	for _, c := range agidChanges {
		hosts = append(slices.DeleteFunc(hosts, func(h string) bool { return slices.Contains(c.noHosts, h) }), c.hosts...)
		organizations = append(slices.DeleteFunc(organizations, func(o organization) bool {
			return slices.Contains(c.noOrganizations, o)
		}), c.organizations...)
		a.generations = append(a.generations, generation{
			certificate: fromHex(c.certificate),
			notBefore:   utc(c.notBefore),
			notAfter:    utc(c.notAfter),
			constraints: listed(hosts, organizations, !c.noDNS),
		})
	}
	return a
})

// listed makes the constraints of one generation.
func listed(hosts []string, organizations []organization, dns bool) *constraints {
	c := &constraints{
		permittedMail: slices.Clone(hosts),
		restrictsMail: true, restrictsNames: true,
		others: []string{"iPAddress"},
	}
	if dns {
		c.others = []string{"dNSName", "iPAddress"}
	}
	for _, o := range organizations {
		c.permittedNames = append(c.permittedNames, o.directoryName())
	}
	return c
}
