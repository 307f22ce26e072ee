package boot

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// moduleParams are set at load, because some cannot be changed later. The SMB client must never hold
// an oplock (the ERP would wait for the box) nor speak a dialect below SMB 2.1.
var moduleParams = map[string]string{
	"cifs": "enable_oplocks=0 disable_legacy_dialects=1",
}

// LoadModules loads what a list names: a file with one path of a .ko a line, in load order; a missing file is an empty list. A module that is refused is logged, the rest goes on: only
// a device that is missing later is fatal, and the part that needs it says so.
func LoadModules(log *slog.Logger, list string) error {
	paths, err := readModuleList(list)
	if err != nil {
		return err
	}
	loaded := 0
	for _, p := range paths {
		if err := loadModule(p); err != nil {
			log.Warn("module not loaded", "err", err)
			continue
		}
		loaded++
	}
	log.Info("modules loaded", "list", list, "count", loaded, "of", len(paths))
	return nil
}

// readModuleList gives the lines of the list; no file is no module.
func readModuleList(list string) ([]string, error) {
	b, err := os.ReadFile(list)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read module list: %w", err)
	}
	return strings.Fields(string(b)), nil
}

// loadModule hands one file to the kernel; one that is there already is fine.
func loadModule(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	name := strings.TrimSuffix(filepath.Base(path), ".ko")
	err = unix.FinitModule(int(f.Fd()), moduleParams[name], 0)
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("load module %s: %w", name, err)
	}
	return nil
}
