package config

import (
	"fmt"
	"net/url"
	"time"

	"syncbox/sync/schedule"
)

// Updates says when the box takes up a new version by itself, and from where.
type Updates struct {
	// Automatic is false where a person wants to say when; the box then only tells that there is something new.
	Automatic bool
	// Servers are the addresses of update servers, the first one first; none = by USB stick only. What they give is
	// checked by its signatures, so that http will do.
	Servers []*url.URL
	// Schedule has the hours in which a new version may be taken up. It may happen outside of the jobs' backup windows only.
	Schedule schedule.Schedule
	// NotBefore is until when a person put it off; zero = not at all.
	NotBefore time.Time
}

type fileUpdates struct {
	Automatic *bool    `toml:"automatic"`
	Servers   []string `toml:"servers"`
	Hours     []string `toml:"hours"`
	NotBefore string   `toml:"not_before"`
}

// mostServers is how many update servers are tried.
const mostServers = 4

// updateHours are those in which offices are empty.
var updateHours = []string{"21:00-05:00"}

func (f *fileUpdates) convert(zone *time.Location) (Updates, error) {
	u := Updates{Automatic: f.Automatic == nil || *f.Automatic}
	if len(f.Servers) > mostServers {
		return u, keyError("updates.servers", "", fmt.Sprintf("want at most %d", mostServers))
	}
	for _, s := range f.Servers {
		address, err := url.Parse(s)
		if err != nil || address.Scheme != "https" && address.Scheme != "http" || address.Host == "" || address.User != nil || address.RawQuery != "" {
			return u, keyError("updates.servers", "", `want addresses such as "https://updates.example.org/", without a name, a password or a question mark`)
		}
		u.Servers = append(u.Servers, address)
	}
	hours := f.Hours
	if len(hours) == 0 {
		hours = updateHours
	}
	allowed, err := windows("updates.hours", hours)
	if err != nil {
		return u, err
	}
	u.Schedule = schedule.Schedule{Zone: zone, Allowed: allowed}
	if f.NotBefore == "" {
		return u, nil
	}
	if u.NotBefore, err = time.ParseInLocation(time.DateOnly, f.NotBefore, zone); err != nil {
		return u, keyError("updates.not_before", f.NotBefore, `want a day such as "2026-12-24"`)
	}
	return u, nil
}
