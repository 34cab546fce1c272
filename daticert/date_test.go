package daticert_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gopec/gopec/daticert"
)

// times are dates of a daticert and the instants that they give.
var times = []struct {
	reason          string
	day, hour, zone string
	want            string // RFC 3339, "" for an error
	field           string // what the error names
}{
	{"summer time", "14/07/2026", "09:05:07", "+0200", "2026-07-14T09:05:07+02:00", ""},
	{"winter time", "05/12/2024", "00:02:10", "+0100", "2024-12-05T00:02:10+01:00", ""},
	{"UTC", "01/01/2026", "23:59:59", "+0000", "2026-01-01T23:59:59Z", ""},
	{"minus zero is zero", "01/01/2026", "00:00:00", "-0000", "2026-01-01T00:00:00Z", ""},
	{"west", "01/01/2026", "00:00:00", "-0930", "2026-01-01T00:00:00-09:30", ""},
	{"leap day", "29/02/2024", "12:00:00", "+0100", "2024-02-29T12:00:00+01:00", ""},
	{"no leap day", "29/02/2025", "12:00:00", "+0100", "", "giorno"},
	{"century without leap day", "29/02/2100", "12:00:00", "+0100", "", "giorno"},
	{"31 February", "31/02/2026", "12:00:00", "+0100", "", "giorno"},
	{"31 April", "31/04/2026", "12:00:00", "+0200", "", "giorno"},
	{"day 0", "00/01/2026", "12:00:00", "+0100", "", "giorno"},
	{"month 0", "01/00/2026", "12:00:00", "+0100", "", "giorno"},
	{"month 13", "01/13/2026", "12:00:00", "+0100", "", "giorno"},
	{"first year", "01/01/1970", "00:00:00", "+0000", "1970-01-01T00:00:00Z", ""},
	{"year before the first", "31/12/1969", "23:59:59", "+0000", "", "giorno"},
	{"last year", "31/12/9999", "23:59:59", "+0000", "9999-12-31T23:59:59Z", ""},
	{"year of five digits", "01/01/10000", "12:00:00", "+0100", "", "giorno"},
	{"year of two digits", "01/01/26", "12:00:00", "+0100", "", "giorno"},
	{"one digit", "1/1/2026", "12:00:00", "+0100", "", "giorno"},
	{"hyphens", "01-01-2026", "12:00:00", "+0100", "", "giorno"},
	{"year first", "2026/01/01", "12:00:00", "+0100", "", "giorno"},
	{"sign in a number", "+1/01/2026", "12:00:00", "+0100", "", "giorno"},
	{"digits of another script", "0٣/01/202", "12:00:00", "+0100", "", "giorno"},
	{"blank around", " 01/01/202", "12:00:00", "+0100", "", "giorno"},
	{"no day", "", "12:00:00", "+0100", "", "giorno"},
	{"hour 24", "01/01/2026", "24:00:00", "+0100", "", "ora"},
	{"minute 60", "01/01/2026", "23:60:00", "+0100", "", "ora"},
	{"second 61", "01/01/2026", "00:59:61", "+0100", "", "ora"},
	{"no seconds", "01/01/2026", "12:00", "+0100", "", "ora"},
	{"fractions", "01/01/2026", "12:00:00.5", "+0100", "", "ora"},
	{"dots", "01/01/2026", "12.00.00", "+0100", "", "ora"},
	{"no hour", "01/01/2026", "", "+0100", "", "ora"},
	{"leap second in Italy, the end of December", "01/01/2017", "00:59:60", "+0100", "2017-01-01T01:00:00+01:00", ""},
	{"leap second in Italy, the end of June", "01/07/2015", "01:59:60", "+0200", "2015-07-01T02:00:00+02:00", ""},
	{"leap second in UTC", "31/12/2016", "23:59:60", "+0000", "2017-01-01T00:00:00Z", ""},
	{"second 60 at midnight in Italy", "31/12/2016", "23:59:60", "+0100", "", "ora"},
	{"second 60 at the end of March", "31/03/2026", "23:59:60", "+0000", "", "ora"},
	{"second 60 at noon", "30/06/2015", "11:59:60", "+0000", "", "ora"},
	{"largest offset", "01/01/2026", "12:00:00", "+1400", "2026-01-01T12:00:00+14:00", ""},
	{"offset too large", "01/01/2026", "12:00:00", "+1401", "", "zona"},
	{"offset too large, west", "01/01/2026", "12:00:00", "-1500", "", "zona"},
	{"minutes of an offset", "01/01/2026", "12:00:00", "+0060", "", "zona"},
	{"colon in the offset", "01/01/2026", "12:00:00", "+01:00", "", "zona"},
	{"no sign", "01/01/2026", "12:00:00", "0100", "", "zona"},
	{"name of a zone", "01/01/2026", "12:00:00", "CET", "", "zona"},
	{"other sign", "01/01/2026", "12:00:00", "−010", "", "zona"},
	{"no offset", "01/01/2026", "12:00:00", "", "", "zona"},
}

func TestTime(t *testing.T) {
	t.Parallel()
	for _, tt := range times {
		t.Run(tt.reason, func(t *testing.T) {
			t.Parallel()
			d := daticert.Data{Date: daticert.Date{Day: tt.day, Hour: tt.hour, Zone: tt.zone}}
			got, err := d.Time()
			if tt.field == "" {
				require.NoError(t, err)
				require.Equal(t, tt.want, got.Format(time.RFC3339))
				return
			}
			require.True(t, got.IsZero())
			e, ok := errors.AsType[*daticert.DateError](err)
			require.True(t, ok)
			require.Equal(t, tt.field, e.Field)
			require.ErrorContains(t, err, tt.field+" is ")
		})
	}
}

func TestTimeOfTheDefect(t *testing.T) {
	t.Parallel()
	d, err := daticert.Parse(edited(t, "01/09/2026", "31/09/2026"), nil)
	require.NoError(t, err)
	require.Equal(t, []found{{daticert.DefectDate, "/postacert/dati/data"}}, defectsOf(d))
	require.Equal(t, `giorno is "31/09/2026": want a date dd/mm/yyyy from 1970 on`, d.Defects[0].Detail)
	require.Equal(t, 11, d.Defects[0].Line)
}
