package main

import (
	"context"
	"log/slog"
	"os"

	"syncbox/board/boot"
	"syncbox/firmware/internal/config"
)

// applianceConfig is where the data partition holds the configuration.
const applianceConfig = "/data/syncbox.toml"

// appliance is what process 1 does: bring the machine up, run the box, and never return. Without a
// configuration that can be read the machine stays up and says why.
func appliance() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	err := boot.Run(log, func(ctx context.Context) error {
		conf := boot.Config{}
		if c, err := config.Load(applianceConfig); err == nil {
			conf.Hostname = c.Box.Name
		}
		if err := boot.Up(ctx, log, conf); err != nil {
			log.Error("machine is not wholly up", "err", err)
		}
		call := &call{ctx: ctx, out: os.Stdout, errw: os.Stderr, path: applianceConfig}
		if err := runBox(ctx, call, addressPart{log, conf}); err != nil {
			log.Error("box does not run", "err", err)
			<-ctx.Done()
		}
		return nil
	})
	log.Error("process 1 ends", "err", err)
}

// addressPart keeps the machine's network address.
type addressPart struct {
	log  *slog.Logger
	conf boot.Config
}

// Run renews the address until ctx ends.
func (a addressPart) Run(ctx context.Context) error { return boot.KeepAddress(ctx, a.log, a.conf) }
