package submission

import "github.com/emersion/go-sasl"

// loginServer is AUTH LOGIN, which was never standardised and which old mail
// programs use all the same. go-sasl has the client's side of it only.
//
// spec: draft-murchison-sasl-login-00
type loginServer struct {
	check func(name, password string) error
	name  string
	step  int
}

// Next implements sasl.Server.
func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if l.step == 0 && response != nil { // the name came with the command
		l.step = 1
	}
	l.step++
	switch l.step {
	case 1:
		return []byte("Username:"), false, nil
	case 2:
		l.name = string(response)
		return []byte("Password:"), false, nil
	case 3:
		return nil, true, l.check(l.name, string(response))
	}
	return nil, false, sasl.ErrUnexpectedClientResponse
}
