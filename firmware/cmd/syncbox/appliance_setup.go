package main

import (
	"context"

	"syncbox/connectors/bob50"
	"syncbox/connectors/centrixone"
	"syncbox/connectors/sage50fr"
	"syncbox/connectors/sagecrm"
	"syncbox/connectors/salesmanagement"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/panel"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/web/setup"
)

// draft gives the configuration as far as it is set.
func draft() (config.Config, error) { return config.LoadDraft(applianceConfig) }

// setup is what the page sets the box up with: the same doors as the console's.
func (m *machine) setup() *setup.Config {
	log := m.log.With("part", "page")
	return &setup.Config{
		Settings: m.writer, Draft: draft, SignIns: m.signIns,
		Survey: &survey.Helper{Log: log}, Identity: local.NewClient(settings().Box.Socket).Identity, Link: m.linkNow, Code: m.door.Change, Journal: m.events,
		CRM:     func(ctx context.Context, c centrixone.Config) error { return app.TryCRM(ctx, c, log) },
		TryUser: func(ctx context.Context, j config.Job) []error { return app.TryUser(ctx, j, log) },
		TryBob50: func(ctx context.Context, j config.Job) (bob50.Trial, error) {
			m.smb()
			return app.TryBob50(ctx, j, settings().Box.Data, log)
		},
		TrySageCRM: func(ctx context.Context, j config.Job) (sagecrm.Proposal, error) { return app.TrySageCRM(ctx, j, log) },
		TrySage50: func(ctx context.Context, j config.Job) (sage50fr.Trial, error) {
			m.smb()
			return app.TrySage50(ctx, j, settings().Box.Data, log)
		},
		TrySalesManagement: func(ctx context.Context, j config.Job) (salesmanagement.Proposal, error) {
			return app.TrySalesManagement(ctx, j, log)
		},
		Act: func(ctx context.Context, a panel.Action) error {
			return panel.Do(ctx, actions{m}, m.events, a, panel.Page)
		},
	}
}
