package vectors_test

// difference lists vectors of which another program says otherwise than we.
type difference struct {
	reason   string
	accepts  bool // what the other program does
	ids      string
	before32 bool // only of OpenSSL before 3.2
}

// opensslDifferences: what openssl cms -verify accepts and a verifier of PEC
// must not, and what it refuses and should not. Seen with OpenSSL 3.0.19.
var opensslDifferences = []difference{
	{reason: "It takes digests and keys that are broken.", accepts: true, ids: `
		alg-md5 alg-md5-with-rsa alg-rsa-512 alg-certificate-md5`},
	{reason: "It takes old keys and SHA-1 without asking by whose word they are old.", accepts: true, ids: `
		row-13-rsa-1024 row-13-certificate-sha1 row-14-strict-sha1 rows-13-and-14 rows-14-all-three`},
	{reason: "It does not compare the algorithms that the message names in several places.", accepts: true, ids: `
		alg-signature-names-sha1 alg-signature-names-sha512 alg-protection-names-another`},
	{reason: "It takes the content that is given to it, whatever stands inside.", accepts: true, ids: `
		cms-content-empty-ber cms-content-empty-der cms-content-stray`},
	{reason: "It takes any content type, in the attribute and outside of it.", accepts: true, ids: `
		cms-content-type-attribute-other cms-content-type-other cms-time-stamp-as-signature cms-time-stamp-as-signature-opaque`},
	{reason: "It takes a signature over the content, with or without attributes that were there once.", accepts: true, ids: `
		cms-no-signed-attributes cms-stripped-attributes`},
	{reason: "It does not read the signing time, the versions, or what stands behind the end.", accepts: true, ids: `
		cms-signing-time-not-a-time cms-version-99 cms-signer-version-3-with-serial cms-trailing-bytes`},
	{reason: "It looks at signing-certificate only when asked to (-cades).", accepts: true, ids: `
		cms-signing-certificate-of-another cms-signing-certificate-v2-of-another cms-signing-certificates-disagree`},
	{reason: "It takes any number of signers, if all are good.", accepts: true, ids: `cms-two-signers`},
	{reason: "It does not ask whether the certificate is that of a PEC provider.", accepts: true, ids: `
		profile-authority profile-mailbox-begins-alike profile-mailbox-tagged profile-no-address profile-no-key-usage
		profile-non-repudiation profile-two-addresses profile-user`},
	{reason: "It evaluates the constraints on web servers, which the certificate meets by having no such name; we refuse what we do not evaluate.", accepts: true, ids: `
		constraint-other-types-critical`},
	{reason: "It is given the time that the message states, which nothing certifies.", accepts: true, ids: `
		time-nothing-certified-anomaly time-nothing-certified-header time-nothing-certified-signing-time`},
	{reason: "It takes every CR off the end of a line before it computes the digest.", accepts: true, ids: `changed-cr-added`},
	{reason: "It reads the first Content-Type and does not see that there are two.", accepts: true, ids: `structure-second-content-type`},

	{reason: "It takes the first certificate that has the signer's name.", ids: `
		decoy-same-issuer-and-serial decoy-of-a-stranger decoy-same-key`},
	{reason: "It stops at an entry of the bag that it cannot read.", ids: `habit-nonsense-in-bag`},
	{reason: "It takes attributes that are signed in DER order only if they stand in that order.", ids: `habit-attributes-unsorted-wire`},
	{reason: "It knows Ed25519 in CMS from 3.2 on.", before32: true, ids: `habit-ed25519`},
	{reason: "Its MIME parser compares the beginning of a boundary only.", ids: `habit-boundary-prefix`},
	{reason: "Its MIME parser wants base64.", ids: `habit-signature-binary`},
	{reason: "Its MIME parser wants the closing delimiter.", ids: `cut-after-signature storage-closing-lost`},
	{reason: "It knows one form of line ends.", ids: `storage-mixed-signed-so`},
	{reason: "It does not know the quoting of mbox.", ids: `mbox-quoted mbox-quoted-bare-lines mbox-quoted-daticert mbox-quoted-every-line`},
	{reason: "To it the last second of a certificate is past it.", ids: `time-last-second`},
}

// mozillaDifferences: what VerifyWithChainAtTime of go.mozilla.org/pkcs7 0.10.0
// accepts and a verifier of PEC must not, and what it refuses and should not.
var mozillaDifferences = []difference{
	{reason: "It reads a signature and no mail.", accepts: true, ids: `
		structure-third-part structure-second-content-type stranger-as-third-part rows-3-and-15`},
	{reason: "It takes old keys and SHA-1 without asking by whose word they are old.", accepts: true, ids: `
		row-13-rsa-1024 row-14-strict-sha1 rows-13-and-14 rows-14-all-three`},
	{reason: "It does not compare the algorithms that the message names in several places.", accepts: true, ids: `
		alg-digest-not-announced alg-protection-names-another alg-signature-names-sha1 alg-signature-names-sha512`},
	{reason: "It takes the content that is given to it, whatever stands inside.", accepts: true, ids: `
		cms-content-empty-der cms-content-stray`},
	{reason: "It takes any content type, in the attribute and outside of it, or none.", accepts: true, ids: `
		cms-content-type-attribute-other cms-content-type-other cms-no-content-type cms-time-stamp-as-signature cms-time-stamp-as-signature-opaque`},
	{reason: "It takes a signature over the content, with or without attributes that were there once.", accepts: true, ids: `
		cms-no-signed-attributes cms-signed-attributes-empty cms-stripped-attributes`},
	{reason: "Of an attribute that stands there twice it takes the first.", accepts: true, ids: `
		cms-two-content-types cms-two-message-digests cms-two-signing-times cms-message-digest-two-values`},
	{reason: "It does not read the versions, or what stands behind the end.", accepts: true, ids: `
		cms-version-99 cms-signer-version-3-with-serial cms-trailing-bytes cms-field-after-signed-data cms-field-after-signer-info`},
	{reason: "A signing time that cannot be read is none to it.", accepts: true, ids: `cms-signing-time-not-a-time`},
	{reason: "It does not look at signing-certificate.", accepts: true, ids: `
		cms-signing-certificate-of-another cms-signing-certificate-v2-of-another cms-signing-certificates-disagree`},
	{reason: "It takes any number of signers, if all are good.", accepts: true, ids: `cms-two-signers`},
	{reason: "Of content in pieces it hashes the first and returns all.", accepts: true, ids: `
		cms-opaque-unsigned-piece cms-opaque-unsigned-piece-ber`},
	{reason: "It takes certificates for any purpose, those of authorities too.", accepts: true, ids: `
		profile-any-usage profile-authority profile-key-encipherment profile-mailbox-begins-alike profile-mailbox-tagged profile-no-address
		profile-no-key-usage profile-non-repudiation profile-server-auth profile-the-authority-itself profile-two-addresses profile-user`},
	{reason: "crypto/x509 lets the subdomains of a permitted host in, and does not look at constraints on organisations that are not critical.", accepts: true, ids: `
		constraint-subdomain constraint-name-violated constraint-name-excluded`},
	{reason: "It is given the time that the message states, which nothing certifies.", accepts: true, ids: `
		time-nothing-certified-anomaly time-nothing-certified-header time-nothing-certified-signing-time`},

	{reason: "crypto/x509 refuses constraints on organisations that are critical, met or not.", ids: `constraint-critical-met`},
	{reason: "It takes the first certificate that has the signer's name.", ids: `decoy-same-issuer-and-serial decoy-of-a-stranger`},
	{reason: "One entry of the bag that crypto/x509 does not read refuses the message.", ids: `
		habit-attribute-certificate habit-other-certificate-format habit-nonsense-in-bag habit-negative-serial habit-negative-serial-in-bag`},
	{reason: "Algorithms that it does not know.", ids: `
		habit-sha224 habit-rsa-pss habit-ed25519 habit-ecdsa-named-by-key`},
	{reason: "crypto/x509 refuses SHA-1 in certificates under any policy.", ids: `row-13-certificate-sha1-legacy`},
	{reason: "Forms that it does not read.", ids: `
		habit-signer-by-key-identifier habit-ocsp-in-crls habit-ber-long-length habit-opaque-pieces habit-opaque-pieces-ber`},
	{reason: "It hashes attributes in the order of DER, whatever order was signed.", ids: `habit-attributes-unsorted`},
	{reason: "It judges the certificate at the signing time, too, which the signer states.", ids: `time-judged-now-certificate-younger`},
}
