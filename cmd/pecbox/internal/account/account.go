// Package account says who may log in to the box, and whose mail he then sees.
//
// All accounts have one password: whoever runs the box hands it out, and what is
// behind it is test mail.
package account

import (
	"crypto/sha256"
	"crypto/subtle"
	"slices"
	"strings"

	"github.com/gopec/gopec/pectest"
)

// Role is what a mailbox is there for.
type Role string

// The roles.
const (
	RoleUser       Role = "user"       // a certified mailbox; only these can submit
	RoleService    Role = "service"    // a provider's own, for takings in charge and virus detections
	RoleQuarantine Role = "quarantine" // a provider's store of messages with a virus
	RoleOutside    Role = "outside"    // what left for ordinary mail
)

// Outside is the name under which what left the circuit is read. It is no
// address, so it cannot be a user's.
const Outside = "outside"

// Account is one mailbox that can be logged in to.
type Account struct {
	Name    string // the address; Outside for what left the circuit
	Role    Role
	Mailbox *pectest.Mailbox
}

// Directory is the accounts of a circuit. It does not change, and is safe for
// concurrent use.
type Directory struct {
	password [sha256.Size]byte
	accounts []*Account
	byName   map[string]*Account
}

// obliging are the local parts that get mail in every domain of a circuit without
// being declared, see package pectest.
var obliging = []pectest.Fault{pectest.FaultLate, pectest.FaultDamaged}

// NewDirectory lists the accounts of a circuit: users, then the providers' own,
// then what left.
func NewDirectory(c *pectest.Circuit, password string) *Directory {
	d := &Directory{password: sha256.Sum256([]byte(password)), byName: make(map[string]*Account)}
	for b := range c.Mailboxes() {
		d.add(b.Address(), RoleUser, b)
	}
	for p := range c.Providers() {
		for domain := range p.Domains() {
			for _, f := range obliging {
				if b := c.Mailbox(string(f) + "@" + domain); b != nil {
					d.add(b.Address(), RoleUser, b)
				}
			}
		}
	}
	for p := range c.Providers() {
		d.add(p.Service().Address(), RoleService, p.Service())
		d.add(p.Quarantine().Address(), RoleQuarantine, p.Quarantine())
	}
	d.add(Outside, RoleOutside, c.Outside())
	return d
}

func (d *Directory) add(name string, r Role, b *pectest.Mailbox) {
	key := strings.ToLower(name)
	if d.byName[key] != nil { // a user who is called late12h
		return
	}
	a := &Account{Name: name, Role: r, Mailbox: b}
	d.accounts = append(d.accounts, a)
	d.byName[key] = a
}

// All returns the accounts in order.
func (d *Directory) All() []*Account { return slices.Clone(d.accounts) }

// Named returns an account by its name in any case, nil if there is none.
func (d *Directory) Named(name string) *Account { return d.byName[strings.ToLower(name)] }

// Login returns the account of a name, nil if there is none or the password is
// wrong.
func (d *Directory) Login(name, password string) *Account {
	given := sha256.Sum256([]byte(password))
	if subtle.ConstantTimeCompare(given[:], d.password[:]) != 1 {
		return nil
	}
	return d.Named(name)
}
