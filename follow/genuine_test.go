package follow_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/follow"
	"github.com/gopec/gopec/internal/counterpart"
	"github.com/gopec/gopec/pec"
)

// TestGenuine: real acceptances and the deliveries that belong to them. None of
// them is in this repository.
func TestGenuine(t *testing.T) {
	t.Parallel()
	dir := counterpart.Reference(t, "corpus", "genuine")
	clock := func() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }
	for name, c := range map[string]struct {
		acceptance, delivery string
		policy               pec.Policy
		accepted, delivered  string
		recipients           int
	}{
		"2015": {"aruba-2015-05-accettazione", "infocert-2015-05-avvenuta-consegna", pec.PolicyLegacy, "2015-05-20T17:08:10+02:00", "2015-05-20T17:08:21+02:00", 1},
		"2018": {"aruba-2018-11-accettazione-lf", "aruba-2018-11-avvenuta-consegna-lf", "", "2018-11-13T16:39:26+01:00", "2018-11-13T16:39:27+01:00", 1},
		"2021": {"aruba-2021-12-accettazione", "aruba-2021-12-avvenuta-consegna", "", "2021-12-14T14:36:08+01:00", "2021-12-14T14:36:08+01:00", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var reports []*pec.Report
			for _, file := range []string{c.acceptance, c.delivery} {
				mail, err := os.ReadFile(filepath.Join(dir, file+".eml"))
				require.NoError(t, err)
				reports = append(reports, verify(t, mail, &pec.VerifyOptions{Clock: clock, Policy: c.policy}))
			}
			for range 2 { // in both orders
				reports[0], reports[1] = reports[1], reports[0]
				tr := new(follow.Tracker)
				for _, r := range reports {
					require.Equal(t, follow.Added, tr.Add(r).Result)
				}
				for _, r := range reports {
					require.Equal(t, follow.Duplicate, tr.Add(r).Result)
				}
				messages, facts := tr.Len()
				require.Equal(t, 1, messages)
				require.Equal(t, 2, facts)
				for m := range tr.Messages() {
					require.Equal(t, c.accepted, m.Accepted.Format(time.RFC3339))
					require.Len(t, m.Recipients, c.recipients)
					require.Empty(t, m.Contradictions)
					require.Equal(t, []string{m.ID}, tr.Find(m.MessageIDs[0]))
					delivered := 0
					for _, r := range m.Recipients {
						if r.Status == follow.StatusDelivered {
							delivered++
							require.Equal(t, c.delivered, r.Delivered.Format(time.RFC3339))
							require.Nil(t, r.Missing)
						}
					}
					require.Equal(t, 1, delivered)
				}
			}
		})
	}
}
