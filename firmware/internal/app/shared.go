package app

import (
	"errors"
	"log/slog"
	"sync"

	"syncbox/connectors/all"
	"syncbox/connectors/outlook"
	"syncbox/connectors/pairs"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/config"
)

// shared is what the jobs of a box have in common: servers of X3, each with one call at a time, and tenants, each with one token.
// They are made when the first job needs them; jobs that end and begin again leave them open.
type shared struct {
	log *slog.Logger

	mu      sync.Mutex // protects what follows
	servers map[string]*sagex3.Server
	tenants map[string]*outlook.Tenant
}

func newShared(log *slog.Logger) *shared {
	return &shared{log: log, servers: map[string]*sagex3.Server{}, tenants: map[string]*outlook.Tenant{}}
}

// server gives the one that a job names.
func (s *shared) server(x config.SageX3) (*sagex3.Server, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.servers[x.Name]; made != nil {
		return made, nil
	}
	made, err := sagex3.New(x.Server, s.log.With("part", "erp", "server", x.Name), nil)
	if err == nil {
		s.servers[x.Name] = made
	}
	return made, err
}

// tenant gives the one that a job names.
func (s *shared) tenant(m config.Mailbox) (*outlook.Tenant, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if made := s.tenants[m.Name]; made != nil {
		return made, nil
	}
	made, err := outlook.New(m.Tenant, s.log.With("part", "crm", "tenant", m.Name), nil)
	if err == nil {
		s.tenants[m.Name] = made
	}
	return made, err
}

// Close closes what was made. It may be called twice, after the jobs have ended.
func (s *shared) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for _, server := range s.servers {
		all = append(all, server.Close())
	}
	clear(s.servers)
	clear(s.tenants)
	return errors.Join(all...)
}

// sageX3 adds what a job of a user of X3 is built from.
func (j *Job) sageX3(s *all.Settings) error {
	var err error
	if s.SageX3, err = j.shared.server(j.conf.SageX3); err != nil {
		return err
	}
	if s.Outlook, err = j.shared.tenant(j.conf.Outlook); err != nil {
		return err
	}
	s.SageX3User, s.Mailbox = j.conf.SageX3.User, j.conf.Outlook.Box
	s.SageX3Outlook = pairs.SageX3OutlookOptions{Rights: j.conf.Rights, NewestWins: j.conf.SageX3.NewestWins, DeleteWithin: j.conf.SageX3.DeleteWithin,
		Owners: j.conf.SageX3.Server.Profile == sagex3.V6, RecreateAuto: j.conf.RecreateAuto}
	return nil
}
