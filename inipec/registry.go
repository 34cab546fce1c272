package inipec

// Registry is a registry of addresses.
type Registry string

// The registries.
const (
	IPA    Registry = "IPA"     // public administrations and operators of public services
	INIPEC Registry = "INI-PEC" // firms and listed professionals
	INAD   Registry = "INAD"    // citizens, unlisted professionals, private bodies
)
