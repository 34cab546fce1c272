package submission

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/emersion/go-sasl"
	"github.com/stretchr/testify/require"
)

func TestLoginMechanism(t *testing.T) {
	t.Parallel()
	wrong := errors.New("wrong")
	server := func() sasl.Server {
		return &loginServer{check: func(name, password string) error {
			if name != "u" || password != "p" {
				return wrong
			}
			return nil
		}}
	}
	for _, c := range []struct {
		reason    string
		responses []string // "-" is none
		asked     []string
		err       error
	}{
		{"as most clients do", []string{"-", "u", "p"}, []string{"Username:", "Password:", ""}, nil},
		{"the name with the command", []string{"u", "p"}, []string{"Password:", ""}, nil},
		{"a wrong password", []string{"-", "u", "x"}, []string{"Username:", "Password:", ""}, wrong},
		{"no password", []string{"u", ""}, []string{"Password:", ""}, wrong},
		{"more than was asked", []string{"u", "p", "q"}, []string{"Password:", "", ""}, sasl.ErrUnexpectedClientResponse},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			s := server()
			var err error
			for i, r := range c.responses {
				var response, challenge []byte
				if r != "-" {
					response = []byte(r)
				}
				challenge, _, err = s.Next(response)
				require.Equal(t, c.asked[i], string(challenge))
			}
			require.Equal(t, c.err, err)
		})
	}
}

func TestIntake(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		left   int64
		size   int
		full   bool
	}{
		{"nothing", step, 0, false},
		{"less than a step", step, step - 1, false},
		{"a step, and room to see its end", 2 * step, step, false},
		{"a step, and no room to see its end", 2*step - 1, step, true},
		{"some steps", 4 * step, 3*step + 5, false},
		{"more than there is", 4 * step, 4*step + 1, true},
		{"no room at all", step - 1, 1, true},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			b := &budget{left: c.left}
			mail := bytes.Repeat([]byte("m"), c.size)
			got, err := b.readAll(iotest.HalfReader(bytes.NewReader(mail)))
			if c.full {
				require.Equal(t, errFull, err)
				require.Equal(t, c.left, b.left, "nothing stays taken")
				return
			}
			require.NoError(t, err)
			require.True(t, bytes.Equal(mail, got))
			require.Equal(t, c.left-int64(c.size), b.left)
			b.giveBack(int64(len(got)))
			require.Equal(t, c.left, b.left)
		})
	}
}

func TestIntakeCutOff(t *testing.T) {
	t.Parallel()
	b := &budget{left: 4 * step}
	cut := io.MultiReader(strings.NewReader(strings.Repeat("m", step+1)), iotest.ErrReader(io.ErrUnexpectedEOF))
	got, err := b.readAll(cut)
	require.Equal(t, io.ErrUnexpectedEOF, err)
	require.Nil(t, got, "no half mail")
	require.EqualValues(t, 4*step, b.left)
}
