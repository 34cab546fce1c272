package mailstore

import (
	"crypto/tls"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
)

// Logger takes what goes wrong with a connection.
type Logger = imapserver.Logger

// NewServer returns a server of the store. It serves connections with implicit TLS,
// and others on which it offers STARTTLS and no login before it.
func NewServer(s *Store, config *tls.Config, log Logger) *imapserver.Server {
	caps := make(imap.CapSet)
	for _, c := range []imap.Cap{
		imap.CapIMAP4rev1, imap.CapNamespace, imap.CapUIDPlus, imap.CapESearch, imap.CapSearchRes, imap.CapListExtended,
		imap.CapListStatus, imap.CapMove, imap.CapStatusSize, imap.CapChildren, imap.CapSpecialUse,
	} {
		caps[c] = struct{}{}
	}
	return imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return &session{store: s}, nil, nil
		},
		Caps: caps, TLSConfig: config, Logger: log,
	})
}
