package app

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"syncbox/connectors/outlook"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/config"
)

// TryX3 logs on to a job's Sage X3 and looks whether its publications have the fields that the settings name.
func TryX3(ctx context.Context, j config.Job, log *slog.Logger) error {
	server, err := sagex3.New(j.SageX3.Server, log, nil)
	if err != nil {
		return err
	}
	u := j.SageX3.User
	u.Entities = tried(j)
	user := server.User(u)
	return errors.Join(user.Check(ctx), user.Close(), server.Close())
}

// TryMailbox logs on to a job's tenant and looks for the folder and the list of its mailbox.
func TryMailbox(ctx context.Context, j config.Job, log *slog.Logger) error {
	tenant, err := outlook.New(j.Outlook.Tenant, log, nil)
	if err != nil {
		return err
	}
	m := j.Outlook.Box
	if m.Entities = tried(j); !slices.Contains(m.Entities, record.Contact) { // its folder is not used, but something has to be asked for
		m.ContactFolder, m.Entities = "", append(m.Entities, record.Contact)
	}
	box := tenant.Mailbox(m)
	return errors.Join(box.Check(ctx), box.Close())
}

// tried are the objects that a job synchronises; all of them where nobody has said yet which.
func tried(j config.Job) []record.Entity {
	if some := j.Rights.Entities(); len(some) > 0 {
		return some
	}
	return []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}
}
