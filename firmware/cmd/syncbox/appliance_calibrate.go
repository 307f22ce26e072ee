package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/durable"
	"syncbox/firmware/internal/web/calibrate"
)

// calibration is what the page calibrates an unknown version of Acomba with.
func (m *machine) calibration() *calibrate.Config {
	return &calibrate.Config{
		Jobs: func() (names []string, err error) {
			conf, err := config.LoadDraft(applianceConfig)
			for _, j := range conf.Jobs {
				if j.Acomba.Company != "" {
					names = append(names, j.Name)
				}
			}
			return names, err
		},
		Open: func(ctx context.Context, job string) (calibrate.Company, error) {
			j, err := draftOf(job)
			if err != nil {
				return calibrate.Company{}, err
			}
			m.smb()
			s, folder, err := app.OpenCompany(ctx, j, m.log)
			if err != nil {
				return calibrate.Company{}, err
			}
			return calibrate.Company{FS: s, Root: folder, Close: s.Close}, nil
		},
		Layout: func(job string) string {
			j, _ := draftOf(job) // without a configuration nothing is read
			return j.Acomba.Layout
		},
		Dir:   func(job string) string { return filepath.Join(settings().Box.Data, job) },
		Write: durable.WriteFile, Set: m.writer.Set, Journal: m.events,
	}
}

// draftOf gives a job of a configuration that may be unfinished.
func draftOf(name string) (config.Job, error) {
	conf, err := config.LoadDraft(applianceConfig)
	for _, j := range conf.Jobs {
		if j.Name == name {
			return j, nil
		}
	}
	return config.Job{}, errors.Join(err, fmt.Errorf("no job has the name %q", name))
}
