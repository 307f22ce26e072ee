// Package web is the local page of the box: what the office glances at, and what the technician sets the box up with. It
// puts the groups of pages together and serves them; it decides nothing.
//
// On the network of the company everybody reads how the box is, and nothing of any record. The set-up code opens the rest.
// Nothing is changed but by a POST from a page of a session.
package web

import (
	"log/slog"
	"net/http"
	"time"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/web/calibrate"
	"syncbox/firmware/internal/web/custom"
	"syncbox/firmware/internal/web/help"
	"syncbox/firmware/internal/web/journal"
	"syncbox/firmware/internal/web/links"
	"syncbox/firmware/internal/web/login"
	"syncbox/firmware/internal/web/page"
	"syncbox/firmware/internal/web/preview"
	"syncbox/firmware/internal/web/session"
	"syncbox/firmware/internal/web/setup"
	"syncbox/firmware/internal/web/status"
	"syncbox/firmware/internal/web/waiting"
)

// Config is what the page shows and serves. All fields are needed but Journal, Updates and Setup.
type Config struct {
	// Face gives how the box shows itself now.
	Face func() page.Face
	Door session.Door
	Box  Box
	// Journal is the box's own; nil where it keeps none.
	Journal journal.Own
	// Codes gives the health codes of the machine that hold, Lights every light that holds.
	Codes  func() []string
	Lights func() []health.Light
	// Ready tells why no job can run yet, as config.Load does; nil if they can.
	Ready   func() error
	Updates Updates // nil where there are none
	// Setup is what the box is set up with; nil where its page does not.
	Setup *setup.Config
	// Calibrate is what an unknown version of Acomba is calibrated with; nil where its page does not.
	Calibrate *calibrate.Config
	Log       *slog.Logger
}

// Box is what all pages ask. A *local.Client is one.
type Box interface {
	status.Box
	journal.Box
	waiting.Box
	preview.Box
	links.Box
}

// Updates are the new versions of the box.
type Updates = status.Updates

// New makes the page as a whole. It starts nothing.
func New(c Config) http.Handler {
	site := &page.Site{Face: c.Face, Sessions: session.New(c.Door, time.Now), Log: c.Log}
	m := page.NewMux(site)
	parts := []page.Part{
		&login.Pages{Site: site},
		&help.Pages{Site: site},
		&status.Pages{Site: site, Box: c.Box, Codes: c.Codes, Lights: c.Lights, Ready: c.Ready, Updates: c.Updates, Now: time.Now},
		&waiting.Pages{Site: site, Box: c.Box, Now: time.Now},
		&preview.Pages{Site: site, Box: c.Box},
		&links.Pages{Site: site, Box: c.Box},
		&journal.Pages{Site: site, Box: c.Box, Own: c.Journal},
	}
	if c.Setup != nil {
		parts = append(parts, &setup.Pages{Site: site, Box: c.Box, Config: *c.Setup})
		if keeps, ok := c.Setup.Settings.(custom.Settings); ok {
			parts = append(parts, &custom.Pages{Site: site, Box: c.Box, Settings: keeps, Draft: c.Setup.Draft})
		}
	}
	if c.Calibrate != nil {
		parts = append(parts, &calibrate.Pages{Site: site, Config: *c.Calibrate})
	}
	for _, p := range parts {
		p.Routes(m)
	}
	return m.Handler()
}
