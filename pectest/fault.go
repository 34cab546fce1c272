package pectest

// Fault is what goes wrong for a recipient. The zero value is FaultNone.
type Fault string

// The faults. The package comment says what each leads to.
const (
	FaultNone     Fault = ""
	FaultFull     Fault = "full"
	FaultNobody   Fault = "nobody"
	FaultNoDomain Fault = "nodomain"
	FaultVirus    Fault = "virus"
	FaultLate     Fault = "late12h"
	FaultSilent   Fault = "silent"
	FaultStuck    Fault = "stuck"
	FaultDamaged  Fault = "damaged"
	FaultExternal Fault = "external"
)
