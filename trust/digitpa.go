package trust

import "sync"

// DigitPA CA1, the authority of the PEC circuit from January 2011 to January
// 2018, under the Baltimore CyberTrust Root. Its certificates have no name
// constraints; those of the providers under it hold RSA-1024 keys and are
// signed with SHA-1.
//
// The authority before it, CNIPA's (2005 to 2011), is not known.

// digitPAKey is the modulus of DigitPA CA1, RSA-2048.
const digitPAKey = "" +
	"999fa4284a23544772e07df3abafe79f0f8a36d0a0b235af7ea0cfcaf858816a" +
	"5d502d6de5dd1d5df2a37a2fe15755920715f7dafaf76e9c0e6fdfb433534b7e" +
	"b408b4c3e7558ac27d96cf3a3ad8224bd299d0998b5e548b464d2d2c3f7ee632" +
	"8f4795e247899744dd8549bd598836f10df183a7cbc6ca7b51dec4cb9295f093" +
	"bd09fc6bab021a59fa892cdb00edfbbddd5208b95496160de860f419eb3dc1c4" +
	"8de088744338e7df8207e7497b7eb654d625e41125dc2ed7080788a48d5c551d" +
	"92b8eebaa2b60769dceed1b39d6cde801f1003688b81d301d8d6a294445e2b2b" +
	"be67c746bc26dd4e450e6c2d55a9bed8f8ec2fb14bce96fdb752563f4f1c1577"

// digitPA returns the authority. It is made once.
var digitPA = sync.OnceValue(func() *authority {
	a := &authority{
		title: "DigitPA CA1",
		subject: newName(oidCountry, "IT", oidOrganization, "DigitPA",
			oidUnit, "Ufficio interoperabilita' e cooperazione", oidCommonName, "DigitPA CA1"),
		parent: newName(oidCountry, "IE", oidOrganization, "Baltimore",
			oidUnit, "CyberTrust", oidCommonName, "Baltimore CyberTrust Root"),
		// The root's key is only known by its hash: the certificate that
		// matters is known itself.
		parentKeyHash: fromHex("63d9af9b47b1064d49a10e7b7fd566dbc8caa399459bfc2829c571ad8c6ef34a"),
		policy:        oidPECSignerPolicy,
		generations: []generation{{
			certificate: fromHex("d75420b7e9051773aa0f39ac091cbf0691a1088e32a4d06b671f00e7e9676f72"),
			notBefore:   utc("2011-01-14 16:29:56"),
			notAfter:    utc("2018-01-14 16:28:50"),
		}},
	}
	a.key, a.keyHash = rsaKey(digitPAKey)
	return a
})
