package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/config"
)

// ErrNoSignIn means that a job's products need nobody to sign in.
var ErrNoSignIn = errors.New("this job has no products to connect")

// SignIns connect jobs to QuickBooks, whoever asks for it: page, console or command. There is one for a process, so that a
// sign-in that was begun at one of them can be finished at another, and also before the jobs can run.
type SignIns struct {
	// Draft gives the configuration as far as it is set, as config.LoadDraft does.
	Draft func() (config.Config, error)
	// Changed is called after a job was connected or disconnected; nil is nobody.
	Changed func(ctx context.Context, job string, connected bool)
	Log     *slog.Logger

	mu sync.Mutex // protects what follows
	of map[string]signIn
}

type signIn struct {
	conf      quickbooks.Config
	connector *quickbooks.Connector
}

// connector gives the one of a job; another one after its settings were changed.
func (s *SignIns) connector(job string) (*quickbooks.Connector, error) {
	c, err := s.Draft()
	if err != nil {
		return nil, err
	}
	for _, j := range c.Jobs {
		if j.Name != job {
			continue
		}
		if config.Pair(j.Pair) != config.QuickBooksCentrixOne {
			return nil, ErrNoSignIn
		}
		return s.made(j, tokensOf(jobDir(c.Box, job), j.QuickBooks))
	}
	return nil, fmt.Errorf("no job has the name %q", job)
}

func (s *SignIns) made(j config.Job, tokens quickbooks.Tokens) (*quickbooks.Connector, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if was, ok := s.of[j.Name]; ok && reflect.DeepEqual(was.conf, j.QuickBooks) {
		return was.connector, nil
	}
	made, err := quickbooks.NewConnector(j.QuickBooks, tokens, s.Log.With("job", j.Name, "part", "sign-in"), nil)
	if err != nil {
		return nil, err
	}
	if s.of == nil {
		s.of = map[string]signIn{}
	}
	s.of[j.Name] = signIn{j.QuickBooks, made}
	return made, nil
}

// Begin gives the address at which a person signs in, good for ten minutes.
func (s *SignIns) Begin(ctx context.Context, job string) (string, error) {
	c, err := s.connector(job)
	if err != nil {
		return "", err
	}
	return c.Begin(ctx)
}

// Collect asks whether somebody has signed in; if so, the job is connected.
func (s *SignIns) Collect(ctx context.Context, job string) (bool, error) {
	c, err := s.connector(job)
	if err != nil {
		return false, err
	}
	done, err := c.Collect(ctx)
	if done && err == nil {
		s.tell(ctx, job, true)
	}
	return done, err
}

// Finish connects a job by the address at which a sign-in ended.
func (s *SignIns) Finish(ctx context.Context, job, pasted string) error {
	c, err := s.connector(job)
	if err != nil {
		return err
	}
	if err := c.Finish(ctx, pasted); err != nil {
		return err
	}
	s.tell(ctx, job, true)
	return nil
}

// Disconnect ends the connection of a job. Its records stay linked. The error may be that only Intuit could not be told.
func (s *SignIns) Disconnect(ctx context.Context, job string) error {
	c, err := s.connector(job)
	if err != nil {
		return err
	}
	err = c.Disconnect(ctx)
	if c.Connection(time.Now()).State == quickbooks.Disconnected {
		s.tell(ctx, job, false)
	}
	return err
}

// Connection tells how the connection of a job is. It asks nobody.
func (s *SignIns) Connection(_ context.Context, job string) (quickbooks.Connection, error) {
	c, err := s.connector(job)
	if err != nil {
		return quickbooks.Connection{}, err
	}
	return c.Connection(time.Now()), nil
}

func (s *SignIns) tell(ctx context.Context, job string, connected bool) {
	s.Log.Info("connection of a job changed", "job", job, "connected", connected)
	if s.Changed != nil {
		s.Changed(ctx, job, connected)
	}
}
