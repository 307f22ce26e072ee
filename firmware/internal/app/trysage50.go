package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"

	"syncbox/connectors/sage50fr"
	"syncbox/connectors/salesmanagement"
	"syncbox/connectors/share"
	"syncbox/firmware/internal/config"
)

// trySage50Dir is a folder for the copies of exports at set-up, beside those of the jobs.
const trySage50Dir = "sage50-try"

// TrySage50 looks at the exchange folder of a job's dossier and tells what is in its exports. The copies lie in a folder of their own
// below dir, which goes again.
func TrySage50(ctx context.Context, j config.Job, dir string, log *slog.Logger) (sage50fr.Trial, error) {
	files, err := share.Open(ctx, j.Share, log)
	if err != nil {
		return sage50fr.Trial{}, err
	}
	c := j.Sage50.Site
	c.Dir = filepath.Join(dir, trySage50Dir)
	defer os.RemoveAll(c.Dir) // what stays behind goes with the next one
	dossier, err := sage50fr.New(c, files, nil, log)
	if err != nil {
		return sage50fr.Trial{}, errors.Join(err, files.Close())
	}
	found, err := dossier.Try(ctx)
	return found, errors.Join(err, dossier.Close(), files.Close())
}

// nobody is an administrator that no tenant has, where none is chosen yet.
const nobody = "0"

// TrySalesManagement logs on to a job's Sage Sales Management and looks whether it has what the settings name. The proposal holds what
// a person chooses among; it is given also where that is not chosen yet, or not there.
func TrySalesManagement(ctx context.Context, j config.Job, log *slog.Logger) (salesmanagement.Proposal, error) {
	c := j.SalesManagement.Site
	if c.Admin == "" {
		c.Admin = nobody
	}
	c.NoQuotes = !j.TwoWay // as in the pair
	tenant, err := salesmanagement.New(c, log, nil)
	if err != nil {
		return salesmanagement.Proposal{}, err
	}
	p, err := tenant.Propose(ctx)
	if err == nil {
		if err = tenant.Check(ctx); err == nil {
			p.Missing = tenant.Missing()
		}
	}
	return p, errors.Join(err, tenant.Close())
}
