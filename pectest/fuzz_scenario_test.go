package pectest_test

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/pectest"
)

// Bits of the number that makes a scenario odd.
const (
	hasTwin    = 1 << iota // the same provider again
	hasNoClock             //
	isDefault              // no provider is named
	isRunning              // the clock is one that runs
	signsSHA1              //
	// isStarted in the upper half lets a scenario that can be played begin: keys take
	// their time, so few inputs do.
	isStarted = 0xb100
)

// FuzzScenario: a scenario that cannot be played is refused with the reason, and one
// that can has what it was told to have.
func FuzzScenario(f *testing.F) {
	const host, domain = "alfa.example.it", "pec.example.it"
	const long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.it"
	for _, s := range []struct {
		host, name, domain, boxes, key, address, fault string
		weight, storage                                int64
		minutes                                        int16
		flags                                          uint16
	}{
		{host, "Alfa", domain, "mittente ufficio", "ecdsa-p256", one, "full", 1, 1, 23 * 60, isStarted},
		{"ALFA.example.it", "", domain, "A", "ed25519", "A@" + domain, "", 1, 1, 22 * 60, isStarted},
		{host, "Alfa", domain, "mittente", "dsa", one, "", 1, 1, 24 * 60, isStarted}, {host, "", domain, "", "ecdsa-p256", one, "virus", 1, 1, 24 * 60, isDefault | isStarted},
		{host, "", domain, "a", "ecdsa-p256", one, "", 10_000, 10_000, 1440, isRunning | isStarted}, {host, "", domain, "a", "ed25519", one, "", 10_000, 1, 1440, signsSHA1 | isStarted},
		{host, "", domain, "a", "ecdsa-p256", one, "", 10_000, 10_000, 1440, isStarted}, {host, "", "x", "", "", one, "", 1, 1, 1440, 0},
		{"", "", domain, "a", "", one, "", 1, 1, 1440, 0}, {"gestore", "", domain, "a", "", one, "", 1, 1, 1440, 0}, {"a b.example.it", "", domain, "a", "", one, "", 1, 1, 1440, 0},
		{host, "", "x", "a", "", one, "", 1, 1, 1440, 0}, {host, "", domain, "a\u00a0b", "", one, "", 1, 1, 1440, 0}, {host, "", domain, "a@b", "", one, "", 1, 1, 1440, 0},
		{host, "", domain, "a A", "", one, "", 1, 1, 1440, 0}, {host, "", domain, "a", "", one, "", 1, 1, 1440, hasTwin}, {host, "", host, "a", "", one, "", 1, 1, 1440, 0},
		{host, "Alfa - Roma", domain, "a", "", one, "", 1, 1, 1440, 0}, {host, "", domain, "a", "", one, "guasto", 1, 1, 1440, 0}, {host, "", domain, "a", "", one, "", 0, 1, 1440, 0},
		{host, "", domain, "a", "", one, "", 1, -1, 1440, 0}, {host, "", domain, "a", "", one, "", 1, 1, 1441, 0}, {host, "", domain, "a", "", one, "", 1, 1, 1440, hasNoClock},
		{long, "", domain, "a", "", one, "", 1, 1, 1440, 0}, {host, "", domain, "a", "", one, "", 1, 1, 1440, 0},
		{"mittente.it", "", domain + ".", "a", "", one, "", 1, 1, 1440, 0}, {domain, "", domain, "a", "", one, "", 1, 1, 1440, 0}, {"b." + domain, "", domain, "a", "", one, "", 1, 1, 1440, hasTwin},
	} {
		f.Add(s.host, s.name, s.domain, s.boxes, s.key, s.address, s.fault, s.weight, s.storage, s.minutes, s.flags, int64(1774746000))
	}
	f.Add(host, "", domain, "a", "", one, "", int64(1), int64(1), int16(1440), uint16(0), int64(1774745999))
	f.Fuzz(func(t *testing.T, host, name, domain, boxes, key, address, fault string, weight, storage int64, minutes int16, flags uint16, seconds int64) {
		at := time.Unix(seconds%(1<<33), 0)
		clock := pectest.NewClock(at)
		require.True(t, clock.Now().Equal(at))
		_, offset := clock.Now().Zone()
		require.Contains(t, []int{3600, 7200}, offset, "legal time of winter or summer")

		require.Panics(t, func() { clock.Advance(-1) }, "a clock goes forward only")
		running, before := pectest.NewRunningClock(), time.Now().Round(0)
		running.Advance(time.Hour)
		require.False(t, running.Now().Before(before.Add(time.Hour)))

		if flags&isRunning != 0 {
			clock = running
		}
		list := strings.Fields(boxes)
		habit := func() pectest.ProviderOption {
			if flags&signsSHA1 != 0 {
				return pectest.WithSHA1()
			}
			return pectest.WithLF()
		}
		provider := pectest.WithProvider(host, pectest.WithName(name), pectest.WithDomain(domain, list...), pectest.WithKey(pectest.Key(key)),
			pectest.WithExpiryAfter(time.Duration(minutes)*time.Minute), habit())
		options := []pectest.Option{pectest.WithClock(clock), pectest.WithFault(address, pectest.Fault(fault)), pectest.WithMaxWeight(weight), pectest.WithMaxStorage(storage)}
		if flags&isDefault == 0 {
			options = append(options, provider)
		}
		if flags&hasTwin != 0 {
			options = append(options, provider)
		}
		if flags&hasNoClock != 0 {
			options = append(options, pectest.WithClock(nil))
		}
		refused := pectest.CheckOptions(options...)
		if refused == nil && flags&0xff00 != isStarted {
			return
		}
		var p program
		c := pectest.Start(&p, options...)
		if c == nil {
			require.Empty(t, p.closing)
			require.True(t, strings.HasPrefix(p.failed, "pectest: "), p.failed)
			require.True(t, utf8.ValidString(p.failed) || !utf8.ValidString(name+host+domain), "%q", p.failed)
			require.True(t, refused == nil || refused.Error() == p.failed, p.failed)
			return
		}
		require.NoError(t, refused)
		require.Len(t, p.closing, 1)
		for p := range c.Providers() {
			require.Equal(t, p, c.Provider(strings.ToUpper(p.Host())))
			require.Contains(t, p.Name(), "NO LEGAL VALUE")
			require.Equal(t, []string{p.Address()}, p.Certificate().EmailAddresses)
			for d := range p.Domains() {
				require.NotNil(t, c.Mailbox("late12h@"+d), "every magic address works")
			}
			boxes := slices.Collect(p.Mailboxes())
			for _, b := range boxes {
				require.Equal(t, b, c.Mailbox(strings.ToUpper(b.Address())))
				require.Equal(t, p, b.Provider())
			}
			require.True(t, flags&isDefault != 0 || len(boxes) == len(list))
		}
		require.Equal(t, c.TrustStore(), c.VerifyOptions().Trust)
		d, err := c.Directory()
		require.NoError(t, err)
		require.True(t, d.Authenticated() && d.Complete())
		for b := range c.Mailboxes() {
			require.True(t, d.Certified(b.Address()))
		}
		c.SetFault(address, pectest.FaultNone)
		if fault != "" {
			require.Panics(t, func() { c.SetFault(address, pectest.Fault(fault+"!")) })
		}
		for b := range c.Mailboxes() {
			to := "silent@" + b.Address()[strings.LastIndexByte(b.Address(), '@')+1:]
			s, err := c.Submit(b.Address(), []string{to}, []byte("From: "+b.Address()+"\r\nTo: "+to+"\r\n\r\nciao\r\n"))
			require.True(t, err != nil || !s.Accepted || clock.Pending() > 0, "who hears nothing waits")
		}
		p.closing[0]()
		require.Zero(t, clock.Pending())
		_, err = c.Submit(sender, []string{one}, nil)
		require.ErrorIs(t, err, pectest.ErrClosed)
	})
}
