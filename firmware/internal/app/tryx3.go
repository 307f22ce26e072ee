package app

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"

	"syncbox/connectors"
	"syncbox/connectors/outlook"
	"syncbox/connectors/record"
	"syncbox/connectors/sagex3"
	"syncbox/firmware/internal/config"
)

// TryUser tries a job of a user of X3 on both sides, object by object, and gives all that is wrong, each but once: the report of
// the connection test (X3-4). It is empty where all is well.
func TryUser(ctx context.Context, j config.Job, log *slog.Logger) []error {
	var all []error
	for _, try := range []func(context.Context, config.Job, *slog.Logger) error{TryX3, TryMailbox} {
		for _, err := range each(try(ctx, j, log)) {
			if !slices.ContainsFunc(all, func(o error) bool { return alike(o, err) }) {
				all = append(all, err)
			}
		}
	}
	return all
}

// each gives the errors that are joined in one.
func each(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// alike tells whether two errors say the same to people.
func alike(a, b error) bool {
	x, _ := errors.AsType[*connectors.Error](a)
	y, _ := errors.AsType[*connectors.Error](b)
	return x != nil && y != nil && x.Code == y.Code && maps.Equal(x.Args, y.Args)
}

// general tells whether an error is about all objects, so that the next one need not be tried.
func general(err error) bool { return err != nil && connectors.KindOf(err) != connectors.Drift }

// TryX3 logs on to a job's Sage X3 and looks whether its publications have the fields that the settings name. The error joins those of
// all objects.
func TryX3(ctx context.Context, j config.Job, log *slog.Logger) error {
	server, err := sagex3.New(j.SageX3.Server, log, nil)
	if err != nil {
		return err
	}
	var all []error
	for _, e := range tried(j) {
		u := j.SageX3.User
		u.Entities = []record.Entity{e}
		user := server.User(u)
		err := user.Check(ctx)
		if all = append(all, err, user.Close()); general(err) {
			break
		}
	}
	return errors.Join(append(all, server.Close())...)
}

// TryMailbox logs on to a job's tenant, looks for the folder and the list of its mailbox, and whether the box may write there. The
// error joins those of all objects.
func TryMailbox(ctx context.Context, j config.Job, log *slog.Logger) error {
	tenant, err := outlook.New(j.Outlook.Tenant, log, nil)
	if err != nil {
		return err
	}
	var all []error
	for _, e := range tried(j) {
		m := j.Outlook.Box
		m.Entities = []record.Entity{e}
		box := tenant.Mailbox(m)
		err := box.Check(ctx)
		if err == nil {
			err = box.Try(ctx)
		}
		if all = append(all, err, box.Close()); general(err) {
			break
		}
	}
	return errors.Join(all...)
}

// tried are the objects that a job synchronises; all of them where nobody has said yet which.
func tried(j config.Job) []record.Entity {
	if some := j.Rights.Entities(); len(some) > 0 {
		return some
	}
	return []record.Entity{record.Contact, record.Task, record.Call, record.Appointment}
}
