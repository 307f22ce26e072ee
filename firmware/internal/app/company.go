package app

import (
	"context"
	"io/fs"
	"log/slog"

	"syncbox/connectors/share"
	"syncbox/firmware/internal/config"
)

// OpenCompany opens the share of a job for reading, beside the job itself, and tells in which folder of it the company lies.
// Its error is that of share.Open; the share is closed by whoever opened it.
func OpenCompany(ctx context.Context, j config.Job, log *slog.Logger) (s *share.Share, folder string, err error) {
	s, err = share.Open(ctx, j.Share, log)
	if err != nil {
		return nil, "", err
	}
	if _, err := fs.Stat(s, j.Acomba.Company); err != nil {
		_ = s.Close() // nothing was written
		return nil, "", err
	}
	return s, j.Acomba.Company, nil
}
