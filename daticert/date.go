package daticert

import (
	"fmt"
	"time"
)

// Date is element data as it was written.
type Date struct {
	Day  string // giorno, "dd/mm/yyyy"
	Hour string // ora, "hh:mm:ss", local time
	Zone string // attribute zona, "+hhmm" or "-hhmm"
}

// DateError says which part of element data gives no instant.
type DateError struct {
	Field string // "giorno", "ora" or "zona"
	Value string // what stands there, "" if nothing does
	Want  string // what should stand there, in English
}

// Error names the part, what was found and what should be there.
func (e *DateError) Error() string {
	if e.Value == "" {
		return "daticert: " + e.Field + " is missing: want " + e.Want
	}
	return fmt.Sprintf("daticert: %s is %s: want %s", e.Field, quote(e.Value), e.Want)
}

const (
	wantDay  = "a date dd/mm/yyyy from 1970 on"
	wantHour = "a time hh:mm:ss"
	wantZone = "an offset +hhmm or -hhmm of at most 14 hours"
	wantLeap = "second 60 only at 23:59:60 UTC on 30 June or 31 December"
)

const maxZone = 14 * time.Hour // the largest offset in use anywhere

// Time returns the instant of element data. The result carries the offset
// written in zona. The error is a [*DateError].
//
// Days must exist and lie between 1970 and 9999; an offset is at most 14
// hours. Second 60 is accepted where a leap second can be, at the end of June
// or December in UTC, and reads as the second after it, since package time
// knows no leap seconds.
//
// spec: RFC 6109 §4.2, §4.4
func (d *Data) Time() (time.Time, error) { return d.Date.time() }

func (d Date) time() (time.Time, error) {
	fail := func(field, value, want string) (time.Time, error) {
		return time.Time{}, &DateError{Field: field, Value: value, Want: want}
	}
	n, ok := numbers(d.Day, "00/00/0000")
	day, month, year := n[0], n[1], n[2]
	if !ok || year < 1970 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return fail("giorno", d.Day, wantDay)
	}
	n, ok = numbers(d.Hour, "00:00:00")
	hour, minute, second := n[0], n[1], n[2]
	if !ok || hour > 23 || minute > 59 || second > 60 {
		return fail("ora", d.Hour, wantHour)
	}
	offset, ok := zoneOffset(d.Zone)
	if !ok {
		return fail("zona", d.Zone, wantZone)
	}
	zone := time.FixedZone("", int(offset/time.Second))
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, zone)
	if second == 60 && !afterLeapSecond(t.UTC()) {
		return fail("ora", d.Hour, wantLeap)
	}
	return t, nil
}

// numbers reads the digits of s in groups. A 0 in the pattern stands for a
// digit, any other character for itself.
func numbers(s, pattern string) (n [3]int, ok bool) {
	if len(s) != len(pattern) {
		return n, false
	}
	group := 0
	for i := range len(s) {
		switch c := s[i]; {
		case pattern[i] != '0':
			if c != pattern[i] {
				return n, false
			}
			group++
		case c < '0' || c > '9':
			return n, false
		default:
			n[group] = n[group]*10 + int(c-'0')
		}
	}
	return n, true
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// zoneOffset reads "+hhmm" or "-hhmm".
func zoneOffset(s string) (time.Duration, bool) {
	if len(s) != 5 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	n, ok := numbers(s[1:], "0000")
	if !ok || n[0]%100 > 59 {
		return 0, false
	}
	d := time.Duration(n[0]/100)*time.Hour + time.Duration(n[0]%100)*time.Minute
	if d > maxZone {
		return 0, false
	}
	if s[0] == '-' {
		d = -d
	}
	return d, true
}

// afterLeapSecond reports whether a leap second can have come just before t.
func afterLeapSecond(t time.Time) bool {
	return (t.Month() == time.July || t.Month() == time.January) &&
		t.Day() == 1 && t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0
}
