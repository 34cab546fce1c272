package pec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/internal/testsign"
	"github.com/gopec/gopec/pec"
)

func TestVerified(t *testing.T) {
	t.Parallel()
	good := verdictOf(t, testsign.Message{Kind: daticert.TypeDelivery}.Bytes(), verdictOptions())
	forged := testsign.Message{Kind: daticert.TypeDelivery, AfterSign: verdictChanged}
	nested := testsign.Message{Kind: testsign.Anomaly, Original: testsign.Message{Kind: daticert.TypeDelivery}.Bytes()}
	inner := verdictOf(t, nested.Bytes(), verdictOptions()).Layers[0]
	changed := func(f func(r *pec.Report)) *pec.Report {
		r := *good
		f(&r)
		return &r
	}
	for name, c := range map[string]struct {
		report *pec.Report
		want   bool
		reason string
	}{
		"certified":       {good, true, "Verify made it"},
		"a copy":          {changed(func(*pec.Report) {}), true, "a copy says the same"},
		"not certified":   {verdictOf(t, forged.Bytes(), verdictOptions()), true, "Verify made it, and says no"},
		"an inner layer":  {inner, true, "each layer has a report of its own"},
		"ordinary mail":   {verdictOf(t, []byte("Subject: a\r\n\r\nb\r\n"), verdictOptions()), true, "Verify made it"},
		"nil":             {nil, false, "there is none"},
		"written by hand": {&pec.Report{Kind: pec.KindDelivery, Certified: true, Proves: pec.ProvesDelivered, Data: good.Data, Message: good.Message}, false, "nobody verified it"},
		"other data":      {changed(func(r *pec.Report) { r.Data = new(daticert.Data) }), false, "the data are not those that were verified"},
		"other outcome":   {changed(func(r *pec.Report) { r.Proves = pec.ProvesNotDelivered }), false, "the outcome is not the one that was found"},
		"other kind":      {changed(func(r *pec.Report) { r.Kind = pec.KindAcceptance }), false, "the kind is not the one that was found"},
		"other message":   {changed(func(r *pec.Report) { r.Message = inner.Message }), false, "the message is not the one that was verified"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, c.want, c.report.Verified(), c.reason)
		})
	}
}
