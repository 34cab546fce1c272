package receipt_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
	"github.com/gopec/gopec/receipt"
)

func TestNoticeReason(t *testing.T) {
	t.Parallel()
	n := receipt.Notice{Type: daticert.TypeDeliveryError, Data: &daticert.Data{
		Error: daticert.ErrorOther, ErrorExtended: "5.1.1 - Gestore Due S.p.A. - indirizzo non valido", Delivery: "destinatario@pec.example.com"}}
	code, detail := n.Reason()
	require.Equal(t, daticert.ErrorOther, code)
	require.Equal(t, daticert.ErrorDetail{Code: "5.1.1", Provider: "Gestore Due S.p.A.", Text: "indirizzo non valido"}, detail)
	require.Equal(t, "destinatario@pec.example.com", n.Recipient())
}

func TestNoticeIsVirus(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		reason string
		kind   daticert.Type
		code   daticert.ErrorCode
		want   bool
	}{
		{"a delivery that failed because of a virus", daticert.TypeDeliveryError, daticert.ErrorVirus, true},
		{"a message that was refused because of a virus", daticert.TypeNonAcceptance, daticert.ErrorVirus, true},
		{"virus detection, even with a careless code", daticert.TypeVirusDetection, daticert.ErrorNone, true},
		{"a delivery that failed for another reason", daticert.TypeDeliveryError, daticert.ErrorRecipient, false},
		{"a delivery", daticert.TypeDelivery, daticert.ErrorNone, false},
	} {
		t.Run(c.reason, func(t *testing.T) {
			t.Parallel()
			n := receipt.Notice{Type: c.kind, Data: &daticert.Data{Error: c.code}}
			require.Equal(t, c.want, n.IsVirus())
		})
	}
}
