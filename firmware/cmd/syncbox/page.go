package main

import (
	"log/slog"
	"path/filepath"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/web"
	"syncbox/firmware/internal/web/page"
)

// codeFile holds the hash of the set-up code, in the data folder.
const codeFile = "setup-code.json"

// pageOf gives the page of a box that is an ordinary process: its jobs, and nothing of a machine.
func pageOf(conf config.Config, a *app.App, log *slog.Logger) *web.Server {
	state := standing.New()
	state.Started(func() []local.JobStatus { return local.Statuses(a) })
	return &web.Server{Port: conf.Page.Port, Log: log.With("part", "page"), Handler: web.New(web.Config{
		Face: func() page.Face {
			return page.Face{Name: conf.Box.Name, Language: conf.Box.Language, Zone: conf.Box.Zone}
		},
		Door: setupcode.NewDoor(filepath.Join(conf.Box.Data, codeFile)), Box: local.NewClient(conf.Box.Socket), Codes: state.Codes, Lights: state.Lights,
		Ready: func() error { return nil }, Log: log.With("part", "page"),
	})}
}
