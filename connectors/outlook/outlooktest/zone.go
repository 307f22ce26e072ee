package outlooktest

import (
	"strings"
	"time"
	_ "time/tzdata" // zones by name, on machines without a zone database too
)

// windowsZones are some of the names that Outlook uses, by those of the IANA database.
var windowsZones = map[string]string{
	"tzone://microsoft/utc": "UTC", "romance standard time": "Europe/Paris", "w. europe standard time": "Europe/Berlin",
	"gmt standard time": "Europe/London", "central europe standard time": "Europe/Budapest", "eastern standard time": "America/New_York",
	"central standard time": "America/Chicago", "pacific standard time": "America/Los_Angeles",
}

// zoneOf gives a time zone by its Windows or IANA name.
func zoneOf(name string) (*time.Location, *problem) {
	iana := name
	if known, ok := windowsZones[strings.ToLower(name)]; ok {
		iana = known
	}
	if strings.EqualFold(iana, "utc") {
		return time.UTC, nil
	}
	loc, err := time.LoadLocation(iana)
	if iana == "" || iana == "Local" || err != nil {
		return nil, refuse(400, "TimeZoneNotSupportedException",
			"A valid TimeZone value must be specified. The following TimeZone value is not supported: '%s'.", name)
	}
	return loc, nil
}

const (
	wallForm  = "2006-01-02T15:04:05.0000000"
	dateForm  = "2006-01-02"
	stampForm = "2006-01-02T15:04:05Z"
	fineForm  = "2006-01-02T15:04:05.0000000Z"
)

// readWall reads a dateTimeTimeZone. The fraction of a second may be absent.
func readWall(o Object) (time.Time, string, *problem) {
	zone := text(o, "timeZone")
	loc, prob := zoneOf(zone)
	if prob != nil {
		return time.Time{}, "", prob
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", dateForm} {
		if t, err := time.ParseInLocation(form, text(o, "dateTime"), loc); err == nil {
			return t, zone, nil
		}
	}
	if t, err := time.Parse(time.RFC3339, text(o, "dateTime")); err == nil {
		return t.In(loc), zone, nil
	}
	return time.Time{}, "", badProperty("dateTime: not a date and time: want as 2026-01-15T10:00:00")
}

func wall(t time.Time, loc *time.Location, zone string) Object {
	return Object{"dateTime": t.In(loc).Format(wallForm), "timeZone": zone}
}

// readMoment reads a date and time of an address; without an offset it is UTC.
func readMoment(s string) (time.Time, bool) {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	for _, form := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", dateForm} {
		if t, err := time.Parse(form, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// stampText writes a stamp of a kind: contacts have whole seconds.
func stampText(k Kind, t time.Time) string {
	if k == Contact {
		return t.UTC().Format(stampForm)
	}
	return t.UTC().Format(fineForm)
}
