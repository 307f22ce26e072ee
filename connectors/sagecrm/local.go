package sagecrm

import (
	"net/http"
	"time"
)

// The forms of the CRM's times, which have no zone.
const (
	localTime = "2006-01-02T15:04:05"
	localSQL  = "2006-01-02 15:04:05"
)

// earliest gives the least that clocks of the zone have shown from one instant to another: where they were put back in
// between, what came later may bear a smaller time.
func earliest(from, to time.Time, zone *time.Location) time.Time {
	offset := func(t time.Time) time.Duration {
		_, seconds := t.In(zone).Zone()
		return time.Duration(seconds) * time.Second
	}
	return from.UTC().Add(min(offset(from), offset(to)))
}

// serverNow is the time that a look goes by: the earlier one of the box's clock and of the one the server last told, so that
// a clock that is fast makes a look see too much and not too little.
func (c *CRM) serverNow() time.Time {
	now := c.cfg.Now()
	if told, at := c.told.date, c.told.at; !told.IsZero() {
		if server := told.Add(now.Sub(at)); server.Before(now) {
			return server.UTC()
		}
	}
	return now.UTC()
}

// hear takes the server's clock from an answer.
func (c *CRM) hear(h http.Header) {
	if date, err := http.ParseTime(h.Get("Date")); err == nil {
		c.told.date, c.told.at = date, c.cfg.Now()
	}
}
