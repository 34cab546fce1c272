package pectest

import (
	"fmt"
	"strings"

	"github.com/gopec/gopec/receipt"
)

// Fault is what goes wrong with a PEC message for one recipient. The zero value
// is FaultNone. Receipts and notices always arrive: a fault of a sender's address
// concerns what is sent to it only.
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

// magic has the local parts that are a fault by themselves.
var magic = map[string]Fault{
	"full": FaultFull, "nobody": FaultNobody, "nodomain": FaultNoDomain, "virus": FaultVirus, "late12h": FaultLate,
	"silent": FaultSilent, "stuck": FaultStuck, "damaged": FaultDamaged, "external": FaultExternal,
}

func (f Fault) check() error {
	if f != FaultNone && magic[string(f)] != f {
		return fmt.Errorf("pectest: %q is no fault", string(f))
	}
	return nil
}

// transport is the part of a fault that meets the envelope on its way; recipients
// whose part differs are served in transactions of their own.
func (f Fault) transport() Fault {
	switch f {
	case FaultLate, FaultSilent, FaultDamaged:
		return f
	}
	return FaultNone
}

// failures are the faults that the delivery point answers by errore-consegna.
var failures = map[Fault]receipt.Failure{
	FaultFull:     receipt.MailboxFull,
	FaultNobody:   receipt.NoMailbox,
	FaultNoDomain: receipt.NoDomain,
}

// faultOf returns the fault of an address: the one it was given, else that of its
// local part.
func (c *Circuit) faultOf(address string) Fault {
	address = fold(address)
	if f, ok := c.faults[address]; ok {
		return f
	}
	local, _, _ := strings.Cut(address, "@")
	return magic[local]
}
