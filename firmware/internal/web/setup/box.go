package setup

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/console/setupcode"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/web/page"
)

// boxData is what the page of the box itself shows.
type boxData struct {
	Link                                  console.Link
	Addresses, DNS                        string
	Notice                                string
	Hostname, Mode, Address, Gateway, Own page.Field
	Code, Again                           page.Field
	Name, NameToErase                     page.Field
}

func (p *Pages) boxRoutes(m *page.Mux) {
	m.Closed("GET /setup/box", func(w http.ResponseWriter, r *page.Request) { p.box(w, r, http.StatusOK, p.newBox(r)) })
	m.Closed("POST /setup/box/network", p.takeNetwork)
	m.Closed("POST /setup/box/code", p.takeCode)
	m.Closed("POST /setup/box/restart", p.restart)
	m.Closed("POST /setup/box/reset", p.reset)
}

func (p *Pages) box(w http.ResponseWriter, r *page.Request, status int, d *boxData) {
	p.Site.Show(w, r, set, status, "box", "page.setup.title-box", d)
}

// The ways to an address, as the console knows them.
const (
	modeDHCP     = "dhcp"
	modeFixed    = "fixed"
	modeFallback = "fallback"
)

func (p *Pages) newBox(r *page.Request) *boxData {
	is, t := p.values(), r.P.Text
	mode := modeDHCP
	switch {
	case is["network.address"] == "":
	case is["network.fixed"] == "true":
		mode = modeFixed
	default:
		mode = modeFallback
	}
	d := &boxData{
		Hostname: page.Field{Name: "hostname", Most: 63, Optional: true, Label: t("page.setup.hostname", nil), Hint: t("page.setup.hostname-hint", nil), Value: is["network.hostname"]},
		Mode: choice("mode", t("page.setup.mode", nil), mode, page.Option{Value: modeDHCP, Label: t("page.setup.mode-dhcp", nil)},
			page.Option{Value: modeFixed, Label: t("page.setup.mode-fixed", nil)}, page.Option{Value: modeFallback, Label: t("page.setup.mode-fallback", nil)}),
		Address: page.Field{Name: "address", Most: 18, Optional: true, Label: t("page.setup.address", nil), Hint: t("page.setup.address-hint", nil), Value: is["network.address"]},
		Gateway: page.Field{Name: "gateway", Most: 15, Optional: true, Label: t("page.setup.gateway", nil), Value: is["network.gateway"]},
		Own:     page.Field{Name: "dns", Most: 60, Optional: true, Label: t("page.setup.dns", nil), Hint: t("page.setup.dns-hint", nil), Value: is["network.dns"]},
		Code:    page.Field{Name: "code", Kind: "password", Most: 64, Label: t("page.setup.code", nil), Hint: t("console.code-short", nil), Auto: "new-password"},
		Again:   page.Field{Name: "again", Kind: "password", Most: 64, Label: t("page.setup.again", nil), Auto: "new-password"},
	}
	ask := t("page.setup.ask-name", map[string]string{"box": r.Face.Name})
	d.Name = page.Field{Name: "name-network", Most: 63, Label: ask}
	d.NameToErase = page.Field{Name: "name-full", Most: 63, Label: ask}
	var err error
	if d.Link, err = p.Link(r.Context()); err != nil {
		p.Site.Log.Warn("page does not know the network card", "err", err)
	}
	d.Addresses, d.DNS = list(d.Link.Addresses), list(d.Link.DNS)
	return d
}

func list[T netip.Addr | netip.Prefix](all []T) string {
	var texts []string
	for _, a := range all {
		texts = append(texts, any(a).(interface{ String() string }).String())
	}
	return strings.Join(texts, ", ")
}

// takeNetwork keeps how the box is reached. The page may be found elsewhere then.
func (p *Pages) takeNetwork(w http.ResponseWriter, r *page.Request) {
	d := p.newBox(r)
	var ok [5]bool
	var host, mode, address, gateway, dns string
	host, ok[0] = r.Take(&d.Hostname)
	mode, ok[1] = r.Take(&d.Mode)
	address, ok[2] = r.Take(&d.Address)
	gateway, ok[3] = r.Take(&d.Gateway)
	dns, ok[4] = r.Take(&d.Own)
	if ok[2] && mode != modeDHCP && address == "" {
		d.Address.Error, ok[2] = r.P.Text("page.field.needed", nil), false
	}
	if ok != [5]bool{true, true, true, true, true} {
		p.box(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	servers := windows(dns)
	if mode == modeDHCP {
		address, gateway, servers = "", "", []string{}
	}
	err := p.keep(config.Change{Key: "network.hostname", Value: host}, config.Change{Key: "network.address", Value: address},
		config.Change{Key: "network.fixed", Value: mode == modeFixed}, config.Change{Key: "network.gateway", Value: gateway}, config.Change{Key: "network.dns", Value: servers})
	if err != nil {
		d.Notice = p.refused(r, err, map[string]*page.Field{"network.hostname": &d.Hostname, "network.address": &d.Address, "network.fixed": &d.Mode,
			"network.gateway": &d.Gateway, "network.dns": &d.Own})
		p.box(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	p.Site.Say(r, r.P.Text("page.setup.network-kept", nil))
	http.Redirect(w, r.Request, "/setup/box", http.StatusSeeOther)
}

// takeCode puts another set-up code in the place of the box's. All sessions end.
func (p *Pages) takeCode(w http.ResponseWriter, r *page.Request) {
	d := p.newBox(r)
	code, ok := r.Take(&d.Code)
	again, both := r.Take(&d.Again)
	if ok && both && code != again {
		d.Again.Error, both = r.P.Text("console.not-the-same", nil), false
	}
	if ok && both {
		err := p.Config.Code(code)
		switch {
		case errors.Is(err, setupcode.ErrShort):
			d.Code.Error, ok = r.P.Text("console.code-short", nil), false
		case err != nil:
			p.Site.Log.Error("set-up code", "err", err)
			d.Code.Error, ok = r.P.Text("console.failed", nil), false
		}
	}
	if !ok || !both {
		p.box(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	p.Journal.Event(journal.CodeChanged, map[string]string{"by": string(panel.Page)})
	p.Site.Sessions.CloseAll()
	http.Redirect(w, r.Request, "/login?to=/setup/box", http.StatusSeeOther)
}

// restart starts the box again. The answer goes first: the page ends with the box.
func (p *Pages) restart(w http.ResponseWriter, r *page.Request) {
	p.Site.Message(w, r, http.StatusAccepted, "page.setup.title-box", r.P.Text("console.reboots", nil))
	p.after(w, r, panel.Restart)
}

// resets are those that the page offers, with the field in which the box's name is typed.
var resets = map[string]panel.Action{"network": panel.ResetNetwork, "full": panel.FullReset}

// reset takes the box back to how it was delivered, once its name was typed.
func (p *Pages) reset(w http.ResponseWriter, r *page.Request) {
	action, known := resets[r.PostFormValue("level")]
	if !known {
		p.Site.Message(w, r, http.StatusBadRequest, "page.refused.title", r.P.Text("console.nothing-done", nil))
		return
	}
	d := p.newBox(r)
	field := &d.Name
	if action == panel.FullReset {
		field = &d.NameToErase
	}
	name, ok := r.Take(field)
	if ok && !strings.EqualFold(name, r.Face.Name) {
		field.Error, ok = r.P.Text("page.setup.other-name", nil), false
	}
	if !ok {
		p.box(w, r, http.StatusUnprocessableEntity, d)
		return
	}
	p.Site.Message(w, r, http.StatusAccepted, "page.setup.title-box", r.P.Text("page.setup.done-"+string(action), nil))
	p.after(w, r, action)
	p.Site.Sessions.CloseAll()
}

// after does something to the box once the page has its answer.
func (p *Pages) after(w http.ResponseWriter, r *page.Request, a panel.Action) {
	_ = http.NewResponseController(w).Flush() // who has gone away needs no answer
	if err := p.Act(context.WithoutCancel(r.Context()), a); err != nil {
		p.Site.Log.Error("page asked the box in vain", "action", a, "err", err)
	}
}
