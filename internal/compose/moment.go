package compose

import (
	"time"

	"github.com/gopec/gopec/daticert"
)

// Date writes an instant as certification data has it, in its own offset.
//
// spec: RFC 6109 §4.2, §4.4
func Date(t time.Time) daticert.Date {
	return daticert.Date{Day: t.Format("02/01/2006"), Hour: t.Format("15:04:05"), Zone: t.Format("-0700")}
}

// Moment is how every readable text begins.
//
// QUIRK: RFC 6109 §4.2 writes the offset (+01:00); every provider writes it as
// in the data, (+0100).
func Moment(t time.Time) string {
	d := Date(t)
	return "Il giorno " + d.Day + " alle ore " + d.Hour + " (" + d.Zone + ")"
}
