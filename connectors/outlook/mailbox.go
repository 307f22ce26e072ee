package outlook

import (
	"context"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

var (
	_ connectors.Source   = (*Mailbox)(nil)
	_ connectors.Target   = (*Mailbox)(nil)
	_ connectors.Sweeper  = (*Mailbox)(nil)
	_ connectors.Finder   = (*Mailbox)(nil)
	_ connectors.Follower = (*Mailbox)(nil)
	_ connectors.Checker  = (*Mailbox)(nil)
	_ connectors.Tallier  = (*Mailbox)(nil)
	_ connectors.Dated    = (*Mailbox)(nil)
	_ connectors.Remarker = (*Mailbox)(nil)
)

// Mailbox is what one user has: contacts, tasks, calls and appointments. Its methods are called by one goroutine at a time.
type Mailbox struct {
	tenant  *Tenant
	cfg     MailboxConfig
	secrets *rest.Secrets
	client  *rest.Client
	memory  *memory
	places  places
	ahead   map[string]*rest.Answer // of the look under way, by address
	sorted  map[record.Key]category // of the appointments read since the last Tally
}

// order is that of a run (X3-33): what is referred to comes first.
var order = []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}

// Mailbox gives one mailbox of the tenant.
func (t *Tenant) Mailbox(c MailboxConfig) *Mailbox {
	setDefault(&c.TaskList, "Sage X3")
	if c.Entities == nil {
		c.Entities = order
	}
	secrets := rest.NewSecrets(c.Address, t.cfg.Secret, t.cfg.ApplicationID, t.cfg.Tenant)
	return &Mailbox{tenant: t, cfg: c, secrets: secrets, memory: newMemory(), sorted: map[record.Key]category{}, client: rest.New(rest.Config{
		Transport: t.transport, Timeout: t.cfg.Timeout, PerSecond: float64(t.cfg.PerMinute) / 60, MaxBody: t.cfg.MaxAnswer,
		Secrets: secrets, Backoff: backoff, Now: t.cfg.Now, Log: t.log,
		Codes: rest.Codes{Unreachable: CodeUnreachable, Certificate: CodeCertificate, RateLimited: CodeRateLimited, BadAnswer: CodeBadAnswer},
	})}
}

func (m *Mailbox) has(e record.Entity) bool { return slices.Contains(m.cfg.Entities, e) }

// Close lets go of idle connections. It may be called twice.
func (m *Mailbox) Close() error {
	m.client.Close()
	return nil
}

// String keeps what the mailbox knows out of logs.
func (m *Mailbox) String() string { return "outlook mailbox" }

// GoString is String.
func (m *Mailbox) GoString() string { return m.String() }

// Check looks whether the folder and the list of the settings are there.
func (m *Mailbox) Check(ctx context.Context) error {
	if m.has(record.Contact) {
		if _, err := m.folders(ctx); err != nil {
			return err
		}
	}
	if m.has(record.Task) || m.has(record.Call) {
		if _, _, err := m.lists(ctx); err != nil {
			return err
		}
	}
	return nil
}
