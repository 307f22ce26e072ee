package main

import (
	"context"
	"fmt"
	"path/filepath"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/durable"
	"syncbox/firmware/internal/web/calibrate"
)

// calibration is what the page calibrates an unknown version of Acomba with.
func (m *machine) calibration() *calibrate.Config {
	draft := func() (config.Config, error) { return config.LoadDraft(applianceConfig) }
	return &calibrate.Config{
		Jobs: func() (names []string, err error) {
			conf, err := draft()
			for _, j := range conf.Jobs {
				if j.Acomba.Company != "" {
					names = append(names, j.Name)
				}
			}
			return names, err
		},
		Open: func(ctx context.Context, job string) (calibrate.Company, error) {
			conf, err := draft()
			if err != nil {
				return calibrate.Company{}, err
			}
			for _, j := range conf.Jobs {
				if j.Name == job {
					m.smb()
					s, folder, err := app.OpenCompany(ctx, j, m.log)
					if err != nil {
						return calibrate.Company{}, err
					}
					return calibrate.Company{FS: s, Root: folder, Close: s.Close}, nil
				}
			}
			return calibrate.Company{}, fmt.Errorf("no job has the name %q", job)
		},
		Dir:   func(job string) string { return filepath.Join(settings().Box.Data, job) },
		Write: durable.WriteFile, Set: m.writer.Set, Journal: m.events,
	}
}
