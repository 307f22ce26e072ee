package app

import (
	"context"
	"errors"
	"log/slog"

	"syncbox/connectors/centrixone"
)

// TryCRM logs on to an account of the CRM and looks whether what the sync needs there is as it should be: what console and
// page try before a job works with it. An error is a *connectors.Error where the CRM is the cause, and holds no secret.
func TryCRM(ctx context.Context, c centrixone.Config, log *slog.Logger) error {
	crm, err := centrixone.New(c, log, nil)
	if err != nil {
		return err
	}
	return errors.Join(crm.Check(ctx), crm.Close())
}
