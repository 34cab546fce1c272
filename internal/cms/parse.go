package cms

import (
	"slices"
	"strconv"

	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"
)

const setTag = byte(asn1.SET)

// Parse reads one SignedData. The error is a *Problem of C1 or C7 when nothing
// further can be said of the input; a SignedData that can be understood but
// breaks a rule is returned with Problems. b must not be changed while DER or
// Content of the SignedData is in use; whoever needs neither may use b again.
//
// spec: RFC 5652 §3, §5.1
func Parse(b []byte, p Profile) (*SignedData, error) {
	der, problem := scan(b, p.max())
	if problem != nil {
		return nil, problem
	}
	s := &SignedData{BER: !der, DER: b[:len(b):len(b)], profile: p}
	if s.BER {
		if s.DER, problem = toDER(b); problem != nil {
			return nil, problem
		}
	}
	s.size = len(s.DER)
	if problem = s.readContentInfo(p); problem != nil {
		return nil, problem
	}
	slices.SortStableFunc(s.Problems, func(a, b *Problem) int { return codeIndex(a.Code) - codeIndex(b.Code) })
	return s, nil
}

// malformed is the Problem after which nothing more can be said.
func (s *SignedData) malformed(at []byte, what string) *Problem {
	return newProblem(CodeMalformed, s.offset(at), what)
}

func (s *SignedData) readContentInfo(p Profile) *Problem {
	in := cryptobyte.String(s.DER)
	var info, oid, wrapped cryptobyte.String
	if !in.ReadASN1(&info, asn1.SEQUENCE) || !info.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !validOID(oid) {
		return s.malformed(s.DER, "ContentInfo")
	}
	if string(oid) != oidSignedData {
		return newProblem(CodeNotSignedData, s.offset(oid), dotted(oid))
	}
	var body cryptobyte.String
	if !info.ReadASN1(&wrapped, explicit(0)) || !wrapped.ReadASN1(&body, asn1.SEQUENCE) || !wrapped.Empty() {
		return s.malformed(s.DER, "ContentInfo")
	}
	if !info.Empty() {
		s.add(CodeTrailingFields, info, "ContentInfo")
	}
	return s.readSignedData(body, p)
}

func (s *SignedData) readSignedData(in cryptobyte.String, p Profile) *Problem {
	start := in
	var version, announced, content, certificates, crls, signers cryptobyte.String
	var hasCertificates, hasCRLs bool
	if !in.ReadASN1(&version, asn1.INTEGER) ||
		!in.ReadASN1(&announced, asn1.SET) ||
		!in.ReadASN1(&content, asn1.SEQUENCE) ||
		!in.ReadOptionalASN1(&certificates, &hasCertificates, explicit(0)) ||
		!in.ReadOptionalASN1(&crls, &hasCRLs, explicit(1)) { // whatever it holds: revocation data comes from elsewhere
		return s.malformed(start, "SignedData")
	}
	in = ownEnd(in)
	if !in.ReadASN1(&signers, asn1.SET) {
		return s.malformed(start, "SignedData")
	}
	if !in.Empty() {
		s.add(CodeTrailingFields, in, "SignedData")
	}
	// Which of the four follows from what is inside (§5.1). Writers differ, and
	// nothing depends on it, so any of them will do.
	if len(version) != 1 || !slices.Contains([]byte{1, 3, 4, 5}, version[0]) {
		s.add(CodeVersion, version, versionText(version))
	}
	if problem := s.readContent(content, p); problem != nil {
		return problem
	}
	s.readBag(certificates)
	return s.readSigners(signers, announced)
}

// ownEnd returns what is left of a part of DER, in a copy of DER from there to its
// end: what SignerInfos says is needed as long as the SignedData, while nine tenths
// of a signature are certificates that most signatures share.
func ownEnd(in cryptobyte.String) cryptobyte.String {
	own := make([]byte, cap(in))
	copy(own, in[:cap(in)])
	return own[:len(in)]
}

// readContent is check C2.
//
// spec: RFC 5652 §5.2
func (s *SignedData) readContent(in cryptobyte.String, p Profile) *Problem {
	start := in
	var oid, wrapped, octets cryptobyte.String
	var present bool
	if !in.ReadASN1(&oid, asn1.OBJECT_IDENTIFIER) || !validOID(oid) ||
		!in.ReadOptionalASN1(&wrapped, &present, explicit(0)) || !in.Empty() {
		return s.malformed(start, "EncapsulatedContentInfo")
	}
	if present && (!wrapped.ReadASN1(&octets, asn1.OCTET_STRING) || !wrapped.Empty()) {
		return s.malformed(start, "EncapsulatedContentInfo")
	}
	if s.contentType = contentsOf(p.ContentType); string(oid) != s.contentType {
		s.add(CodeContentType, oid, dotted(oid), p.ContentType.String())
		s.contentType = string(oid)
	}
	switch {
	case p.Detached && present: // an empty one too: no provider writes it, and "absent" is easier to get right than "empty"
		s.add(CodeContentPresent, wrapped)
	case !p.Detached && !present:
		s.blockDigest(s.add(CodeContentAbsent, start))
	case present:
		s.Content = octets
	}
	return nil
}

// readSigners is check C3. Of several signers none is read: a PEC message has
// one, and the cost of a message must not grow with their number.
func (s *SignedData) readSigners(in, announced cryptobyte.String) *Problem {
	start := in
	var first cryptobyte.String
	count := 0
	for !in.Empty() {
		var one cryptobyte.String
		if !in.ReadASN1(&one, asn1.SEQUENCE) {
			return s.malformed(in, "SignerInfos")
		}
		if count++; count == 1 {
			first = one
		}
	}
	switch count {
	case 0:
		s.blockAll(s.add(CodeNoSigner, start))
		return nil
	case 1:
		return s.readSigner(first, announced)
	}
	s.blockAll(s.add(CodeTwoSigners, start, strconv.Itoa(count)))
	return nil
}

// readSigner reads the one SignerInfo.
//
// spec: RFC 5652 §5.3
func (s *SignedData) readSigner(in, announced cryptobyte.String) *Problem {
	start := in
	var version, signature, attributes, unsigned cryptobyte.String
	if !in.ReadASN1(&version, asn1.INTEGER) || !s.signer.read(&in) {
		return s.malformed(start, "SignerInfo")
	}
	digest, ok := readAlgorithm(&in)
	if !ok {
		return s.malformed(start, "SignerInfo")
	}
	hasAttributes := in.PeekASN1Tag(explicit(0))
	if hasAttributes && !in.ReadASN1Element(&attributes, explicit(0)) {
		return s.malformed(start, "SignerInfo")
	}
	value, ok := readAlgorithm(&in)
	if !ok || !in.ReadASN1(&signature, asn1.OCTET_STRING) ||
		!in.ReadOptionalASN1(&unsigned, new(bool), explicit(1)) { // whatever they hold: nobody has signed them
		return s.malformed(start, "SignerInfo")
	}
	if !in.Empty() {
		s.add(CodeTrailingFields, in, "SignerInfo")
	}
	if want := s.signer.version(); len(version) != 1 || version[0] != want {
		s.add(CodeSignerVersion, version, versionText(version), s.signer.form())
	}
	s.signature = signature
	s.checkDigestAlgorithm(digest)
	if problem := s.checkAnnounced(announced, digest); problem != nil {
		return problem
	}
	s.checkSignatureAlgorithm(value, digest)
	if !hasAttributes {
		// Without them anybody can pass off the attributes of another signature
		// as content (RFC 5652 §5.4 and the attack on it), so that a value over
		// the bare content proves nothing.
		s.blockAll(s.add(CodeNoAttributes, start))
		return nil
	}
	return s.readAttributes(attributes, digest, value)
}

// checkAnnounced looks for the signer's digest in digestAlgorithms. C6.
func (s *SignedData) checkAnnounced(in cryptobyte.String, digest algorithm) *Problem {
	start := in
	found := false
	for !in.Empty() {
		a, ok := readAlgorithm(&in)
		if !ok {
			return s.malformed(in, "DigestAlgorithmIdentifiers")
		}
		found = found || string(a.oid) == string(digest.oid)
	}
	if !found {
		s.add(CodeDigestNotAnnounced, start, s.DigestName)
	}
	return nil
}

// versionText writes an INTEGER that should have been a small number.
func versionText(contents []byte) string {
	if len(contents) == 1 {
		return strconv.Itoa(int(int8(contents[0])))
	}
	return strconv.Itoa(len(contents)) + " octets long"
}
