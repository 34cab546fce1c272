package pec

import (
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/gopec/gopec/trust"
	"github.com/gopec/gopec/trust/timestamp"
)

// Timestamps are time-stamps over the message file, and whose are believed. The
// file is what [Read] was given, byte for byte; its layers are inside it and have
// existed since.
type Timestamps struct {
	// Stamps are what [timestamp.Parse] read, at most MaxStamps.
	Stamps []*timestamp.Stamp
	// Anchors are the authorities that are believed about time: those named here and
	// no others. Stamps without Anchors are ErrOptions.
	Anchors *trust.TimestampStore
	// Certificates and Policies are those of [timestamp.Options].
	Certificates []*x509.Certificate
	Policies     []string
}

// MaxStamps is how many time-stamps may be given for one message.
const MaxStamps = 64

// check refuses what contradicts itself.
func (t *Timestamps) check() error {
	switch {
	case len(t.Stamps) > 0 && t.Anchors == nil:
		return fmt.Errorf("%w: time-stamps without anchors", ErrOptions)
	case len(t.Stamps) > MaxStamps:
		return fmt.Errorf("%w: %d time-stamps, more than %d", ErrOptions, len(t.Stamps), MaxStamps)
	case slices.Contains(t.Stamps, nil):
		return fmt.Errorf("%w: a time-stamp that is nil", ErrOptions)
	}
	return nil
}

// judge holds the stamps against the file of a message, which it reads once more if
// there are any.
func (t *Timestamps) judge(m *Message, now time.Time) ([]*timestamp.Result, error) {
	if len(t.Stamps) == 0 || m.limit != nil || m.signed == nil && len(m.Layers) == 0 {
		return nil, nil
	}
	digests, err := timestamp.Hash(m.entity.Source().Reader(), t.Stamps...)
	if err != nil {
		return nil, fmt.Errorf("pec: %w", err)
	}
	o := timestamp.Options{Anchors: t.Anchors, Certificates: t.Certificates, Policies: t.Policies, Now: now}
	results := make([]*timestamp.Result, len(t.Stamps))
	for i, s := range t.Stamps {
		results[i] = s.Verify(digests, o)
	}
	return results, nil
}
