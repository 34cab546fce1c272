package pectest

import "time"

var (
	winter = time.FixedZone("CET", 3600)
	summer = time.FixedZone("CEST", 7200)
)

// legalTime gives an instant the offset of Italy's legal time. It is computed by
// the rule of the European Union, in force since 1996, so that a circuit says
// the same on machines that have no time zone database.
//
// spec: RFC 6109 §4.2; Directive 2000/84/EC
func legalTime(t time.Time) time.Time {
	year := t.UTC().Year()
	if t.Before(lastSunday(year, time.March)) || !t.Before(lastSunday(year, time.October)) {
		return t.In(winter)
	}
	return t.In(summer)
}

// lastSunday is 01:00 UTC on the last Sunday of a month of 31 days.
func lastSunday(year int, month time.Month) time.Time {
	t := time.Date(year, month, 31, 1, 0, 0, 0, time.UTC)
	return t.AddDate(0, 0, -int(t.Weekday()))
}
