package updates

import (
	"net/http"
	"slices"
	"time"

	"syncbox/ota/fetch"
	"syncbox/ota/update"
)

// Allowed says whether a new system may be written and started now: in the customer's hours, in no job's backup, not
// before the day to which a person put it off, and only where it goes by itself; or at once, if a person says so. With
// atOnce, as where a group is ordered to go now, neither hours nor backup count, but what the customer chose does.
func (p *Part) Allowed(atOnce bool) bool {
	p.mu.Lock()
	approved := p.approved
	p.mu.Unlock()
	if approved != "" && approved == p.updater.Status().Wish {
		return true
	}
	set, now := p.c.Settings(), time.Now()
	if !set.Automatic || now.Before(set.NotBefore) {
		return false
	}
	open, _ := set.Schedule.Open(now)
	jobs, _ := p.c.Jobs()
	return atOnce || open && !slices.ContainsFunc(jobs, func(j Job) bool { return j.Backup })
}

// sources gives where releases come from now: sticks first, then servers.
func (p *Part) sources() []update.Source {
	set := p.c.Settings()
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.sticks)
	for _, address := range set.Servers {
		if s := p.server(address.String()); s != nil {
			all = append(all, update.Source{Name: address.Host, Files: s})
		}
	}
	return all
}

// server gives the server of an address, which remembers what it was asked for. The caller holds mu.
func (p *Part) server(address string) *fetch.Server {
	if s := p.servers[address]; s != nil {
		return s
	}
	s, err := fetch.NewServer(fetch.Config{URL: address, Version: p.c.System.Version.String(), Proxy: http.ProxyFromEnvironment})
	if err != nil {
		p.c.Log.Error("update server not used", "err", err)
		return nil
	}
	p.servers[address] = s
	return s
}
