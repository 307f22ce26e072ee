package main

import (
	"context"
	"time"

	"syncbox/board/boot"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/mdns"
	"syncbox/firmware/internal/standing"
)

// network brings the network up and keeps it, as it is configured.
func (m *machine) network(ctx context.Context) error {
	for ctx.Err() == nil {
		n := settings().Network
		c := boot.Config{Hostname: n.Hostname, Interface: n.Interface, Changed: m.addressed, Leased: m.leased,
			NoDHCP: n.Fixed, Static: boot.Address{Prefix: n.Address, Gateway: n.Gateway, DNS: n.DNS}}
		m.leased(true) // until DHCP was asked in vain
		life, cancel := until(ctx, m.renet)
		got, err := boot.Network(life, m.log, c)
		if err != nil && life.Err() == nil {
			m.log.Error("network is not up", "err", err)
		}
		m.triedNetwork()
		err = boot.KeepAddress(life, m.log, c, got)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// triedNetwork lets those go on who wait for the first address.
func (m *machine) triedNetwork() {
	m.mu.Lock()
	defer m.mu.Unlock()
	shut(m.tried)
}

func (m *machine) leased(holds bool) { m.state.Set(standing.NoLease, !holds) }

func (m *machine) addressed(a boot.Address) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.address = a
}

func (m *machine) addressNow() boot.Address {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.address
}

// timeServers gives those of the configuration, or those that the network names, or its gateway.
func (m *machine) timeServers() []string {
	if set := settings().Network.NTP; len(set) > 0 {
		return set
	}
	a := m.addressNow()
	all := a.NTP
	if len(all) == 0 && a.Gateway.IsValid() {
		all = append(all, a.Gateway)
	}
	var names []string
	for _, s := range all {
		names = append(names, s.String())
	}
	return names
}

// clock keeps the time, and asks anew when there are other servers.
func (m *machine) clock(ctx context.Context) error {
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.retime)
		err := m.keeper.Run(life)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// networkCard gives how the network card that is configured is connected now.
func networkCard() (boot.Link, error) {
	return boot.Now(settings().Network.Interface)
}

// lookAtLink is how often cable and address are looked at.
const lookAtLink = 2 * time.Second

// link tells whether the box is on the network.
func (m *machine) link(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	ticker := time.NewTicker(lookAtLink)
	defer ticker.Stop()
	for {
		l, err := networkCard()
		if err != nil {
			return err
		}
		m.state.Set(standing.NetworkNone, l.Interface == "")
		m.state.Set(standing.NetworkDown, l.Interface != "" && !l.Reached())
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// name has the box answer to its name, and to another one once it has that.
func (m *machine) name(ctx context.Context) error {
	select {
	case <-m.tried:
	case <-ctx.Done():
		return nil
	}
	for ctx.Err() == nil {
		life, cancel := until(ctx, m.rename)
		err := (&mdns.Part{Name: m.face().Name, Interface: settings().Network.Interface, Log: m.log.With("part", "name")}).Run(life)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

// face gives how the box shows itself. Without a configuration, its name is that of its card.
func (m *machine) face() console.Face {
	set, err := config.LoadMachine(applianceConfig)
	if err != nil && config.CodeOf(err) == config.CodeMissing {
		if l, e := boot.Now(set.Network.Interface); e == nil {
			set.Network.Hostname = mdns.NameOf(l.MAC)
		}
	}
	jobs, _ := config.LoadDraft(applianceConfig) // none where it can't be read
	return console.Face{Name: set.Network.Hostname, Language: set.Box.Language, Zone: set.Box.Zone, Names: jobs.Names()}
}
