package ipa

import "strings"

// value returns what a cell says, "" if it says nothing.
//
// QUIRK: the registry writes "none" in many ways; each of these has been met
// in its files.
func value(cell string) string {
	cell = strings.TrimSpace(cell)
	switch strings.ToLower(cell) {
	case "null", "-", "--", "da_indicare", "da indicare", "non indicato", "non indicata", "n.d.", "n.d", "nd", "nc", "n.c.":
		return ""
	}
	return cell
}

// addressValue is [value] for a mail address. Addresses at x.it, such as
// da_indicare@x.it, are fillings of a mandatory field.
func addressValue(cell string) string {
	cell = value(cell)
	if len(cell) >= 5 && strings.EqualFold(cell[len(cell)-5:], "@x.it") {
		return ""
	}
	return cell
}

// codeValue is [value] for codes and names, where only what cannot be one is
// absent: a body could be called NC.
func codeValue(cell string) string {
	cell = strings.TrimSpace(cell)
	if cell == "-" || strings.EqualFold(cell, "null") {
		return ""
	}
	return cell
}

// parseAddressType reads Tipo_Mail in any case.
func parseAddressType(cell string) AddressType {
	switch strings.ToLower(strings.TrimSpace(cell)) {
	case "pec":
		return TypePEC
	case "sercq":
		return TypeSERCQ
	case "cecpac", "cec-pac":
		return TypeCECPAC
	case "altro":
		return TypeOther
	}
	return TypeUnknown
}
