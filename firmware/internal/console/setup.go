package console

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"strings"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/journal"
	"syncbox/firmware/internal/panel"
)

var _ Settings = (*config.Writer)(nil)

// settings lists what set-up may change. Of a secret it tells only whether it is set.
func (s *session) settings(_ context.Context, _ string) {
	all, err := s.Settings.Settings()
	if err != nil {
		s.trouble(err)
		return
	}
	for _, x := range all {
		value := x.Value
		switch {
		case x.Set && x.Secret:
			value = s.p.Text("console.secret-set", nil)
		case !x.Set && x.Secret:
			value = s.p.Text("console.secret-unset", nil)
		case value == "":
			value = "-"
		}
		s.entry(x.Key, value)
	}
	s.say("console.settings-hint")
	s.ready()
}

// ready says what is still to be set.
func (s *session) ready() {
	if err := s.Ready(); err != nil {
		s.trouble(err)
	}
}

// form gives what form a value has to have; empty where there are no words for it.
func (s *session) form(name string) string {
	key := "want." + config.Topic(name)
	if name == "" || !s.p.Has(key) {
		return ""
	}
	return s.p.Text(key, nil)
}

// want says what form a value has to have.
func (s *session) want(name string) {
	if form := s.form(name); form != "" {
		s.out.line("  " + s.p.Text("console.want", map[string]string{"text": form}))
	}
}

// show shows one value, and what form it has to have.
func (s *session) show(name string) {
	all, err := s.Settings.Settings()
	if err != nil {
		s.trouble(err)
		return
	}
	for _, x := range all {
		if x.Key == name {
			s.entry(x.Key, cmp.Or(x.Value, "-"))
		}
	}
	s.want(name)
}

// set changes one value. Where a secret goes to the new value, it is asked for again.
func (s *session) set(ctx context.Context, rest string) {
	name, text, _ := strings.Cut(rest, " ")
	known, secret := config.Known(name)
	switch {
	case name == "":
		s.usage("set")
		return
	case secret:
		s.say("console.secret-typed")
		return
	case !known:
		s.say("setting.not-settable")
		return
	case strings.TrimSpace(text) == "": // an empty value is typed as ""
		s.show(name)
		return
	}
	value, err := config.Parse(name, strings.Trim(strings.TrimSpace(text), `"`))
	if err != nil {
		s.refused(err)
		return
	}
	changes := []config.Change{{Key: name, Value: value}}
	if guard := config.Guard(name); guard != "" && s.isSet(guard) {
		s.say("console.ask-guard")
		secret, ok := s.twice(ctx, s.p.Text("console.ask-secret", map[string]string{"name": guard}))
		if !ok {
			return
		}
		changes = append(changes, config.Change{Key: guard, Value: secret})
	}
	s.change(changes...)
}

// isSet tells whether a value is set.
func (s *session) isSet(name string) bool {
	all, _ := s.Settings.Settings() // an error shows when the value is set
	for _, x := range all {
		if x.Key == name {
			return x.Set
		}
	}
	return false
}

// secret sets a secret, which is typed without echo.
func (s *session) secret(ctx context.Context, name string) {
	_, secret := config.Known(name)
	if !secret {
		s.usage("secret")
		all, _ := s.Settings.Settings()
		for _, x := range all {
			if x.Secret {
				s.out.line("  " + x.Key)
			}
		}
		return
	}
	value, ok := s.twice(ctx, s.p.Text("console.ask-secret", map[string]string{"name": name}))
	if ok {
		s.change(config.Change{Key: name, Value: value})
	}
}

// change sets values and says what came of it.
func (s *session) change(changes ...config.Change) {
	before := s.Ready()
	changed, err := s.Settings.Set(changes...)
	switch {
	case err != nil:
		s.refused(err)
		return
	case len(changed) == 0:
		s.say("console.as-it-was")
		return
	}
	s.Journal.Event(journal.SettingsSet, map[string]string{"by": string(panel.Console), "names": strings.Join(changed, ", ")})
	s.say("console.saved", "names", strings.Join(changed, ", "))
	s.ready()
	if before != nil && s.Ready() == nil {
		s.say("console.complete")
	}
}

// refused says why values were not taken.
func (s *session) refused(err error) {
	refused, ok := errors.AsType[config.Refused](err)
	if !ok {
		s.trouble(err)
		return
	}
	for _, r := range refused {
		s.out.line(s.p.Text("setting."+string(r.Why), nil))
		if r.Why == config.WrongValue || r.Why == config.WrongWhole {
			s.want(r.Key)
		}
		if r.Err != nil {
			s.out.line("  (" + r.Err.Error() + ")")
		}
	}
	s.say("console.nothing-done")
}

// network shows the addresses, or sets them.
func (s *session) network(ctx context.Context, rest string) {
	words := strings.Fields(rest)
	switch {
	case len(words) == 0:
		s.link(ctx)
	case words[0] == "dhcp" && len(words) == 1:
		s.change(address(false, "", "")...)
	case ways[words[0]] != "" && len(words) >= 2:
		gateway, dns := "", []string{}
		if len(words) > 2 {
			gateway, dns = words[2], words[3:]
		}
		s.change(address(ways[words[0]] == "static", words[1], gateway, dns...)...)
	default:
		s.usage("network")
	}
}

// ways are the words for how an address of its own is used: alone, or when no DHCP server answers.
var ways = map[string]string{"fixe": "static", "static": "static", "secours": "fallback", "fallback": "fallback"}

// address gives the changes that an address is set by; an empty one is DHCP.
func address(fixed bool, prefix, gateway string, dns ...string) []config.Change {
	return []config.Change{{Key: "network.address", Value: prefix}, {Key: "network.fixed", Value: fixed}, {Key: "network.gateway", Value: gateway},
		{Key: "network.dns", Value: append([]string{}, dns...)}}
}

func (s *session) link(ctx context.Context) {
	var l Link
	err := s.busy(ctx, func(ctx context.Context) (err error) { l, err = s.Link(ctx); return err })
	if err != nil {
		s.trouble(err)
		return
	}
	cable := "console.cable-out"
	if l.Up {
		cable = "console.cable-in"
	}
	s.entry(s.p.Text("console.card", nil), l.Interface+" - "+s.p.Text(cable, nil))
	s.entry(s.p.Text("console.address", nil), list(l.Addresses))
	gateway := "-"
	if l.Gateway.IsValid() {
		gateway = l.Gateway.String()
	}
	s.entry(s.p.Text("console.gateway", nil), gateway)
	s.entry(s.p.Text("console.names", nil), list(l.DNS))
	s.entry(s.p.Text("console.times", nil), cmp.Or(strings.Join(l.NTP, ", "), "-"))
	s.entry(s.p.Text("console.wanted", nil), s.wanted())
}

// wanted says how the address is set.
func (s *session) wanted() string {
	values := map[string]string{}
	all, _ := s.Settings.Settings() // an error shows with "settings"
	for _, x := range all {
		values[x.Key] = x.Value
	}
	args := map[string]string{"address": values["network.address"]}
	switch {
	case args["address"] == "":
		return "DHCP"
	case values["network.fixed"] == "true":
		return s.p.Text("console.wanted-fixed", args)
	}
	return s.p.Text("console.wanted-fallback", args)
}

func list[T netip.Addr | netip.Prefix](all []T) string {
	if len(all) == 0 {
		return "-"
	}
	var texts []string
	for _, a := range all {
		texts = append(texts, any(a).(interface{ String() string }).String())
	}
	return strings.Join(texts, ", ")
}

func (s *session) testShare(ctx context.Context, job string) {
	s.try(ctx, job, "console.share-fine", s.Tests.Share)
}

func (s *session) testCRM(ctx context.Context, job string) {
	s.try(ctx, job, "console.crm-fine", s.Tests.CRM)
}

// try tests one job, or each.
func (s *session) try(ctx context.Context, job, fine string, test func(context.Context, string) error) {
	s.each(ctx, job, func(ctx context.Context, job string) error {
		s.say("console.tries", "job", job)
		err := test(ctx, job)
		if err == nil {
			s.say(fine)
		}
		return err
	})
}
