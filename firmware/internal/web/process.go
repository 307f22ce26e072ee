package web

import (
	"crypto/tls"
	"log/slog"
	"net/http"
	"net/netip"
	"path/filepath"
	"time"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/standing"
	"syncbox/firmware/internal/web/owncert"
	"syncbox/firmware/internal/web/page"
)

// CodeFile is the file of the data folder that holds the hash of the set-up code.
const CodeFile = "setup-code.json"

// OfProcess makes the page of a box that is an ordinary process: its jobs, and nothing of a machine.
func OfProcess(conf config.Config, a *app.App, log *slog.Logger) http.Handler {
	state := standing.New()
	state.Started(func() []local.JobStatus { return local.Statuses(a) })
	return New(Config{
		Face: func() page.Face {
			return page.Face{Name: conf.Box.Name, Language: conf.Box.Language, Zone: conf.Box.Zone, Names: conf.Names()}
		},
		Door: setupcode.NewDoor(filepath.Join(conf.Box.Data, CodeFile)), Box: local.NewClient(conf.Box.Socket), Codes: state.Codes, Lights: state.Lights,
		Ready: func() error { return nil }, Log: log.With("part", "page"),
	})
}

// CertificateOfProcess gives the certificate of the page of such a box.
func CertificateOfProcess(conf config.Config) func() (tls.Certificate, error) {
	return func() (tls.Certificate, error) {
		names := owncert.Names{Hosts: []string{conf.Box.Name, "localhost"}, Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}
		return owncert.Load(filepath.Join(conf.Box.Data, "page.pem"), names, time.Now())
	}
}
