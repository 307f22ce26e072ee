package vm

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// PlugIn plugs a USB stick in, whose content is the raw image of a disk, written to; name is for PullOut. Config.Control
// and USB must be set.
func (m *Machine) PlugIn(ctx context.Context, name, path string) error {
	disk := map[string]any{"driver": "raw", "node-name": name, "file": map[string]any{"driver": "file", "filename": path}}
	if _, err := m.execute(ctx, "blockdev-add", disk); err != nil {
		return err
	}
	_, err := m.execute(ctx, "device_add", map[string]any{"driver": "usb-storage", "id": plug(name), "drive": name})
	return err
}

// PullOut pulls a stick, whatever the machine is doing with it, and returns when its file is free.
func (m *Machine) PullOut(ctx context.Context, name string) error {
	if _, err := m.execute(ctx, "device_del", map[string]any{"id": plug(name)}); err != nil {
		return err
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		_, err := m.execute(ctx, "blockdev-del", map[string]any{"node-name": name})
		if err == nil || !strings.Contains(err.Error(), "is in use") {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fmt.Errorf("pull stick %s out: %w", name, err)
		}
	}
}

// plug names the device that a stick is.
func plug(name string) string { return "plug-" + name }
