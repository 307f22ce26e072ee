package mutants

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// simulator is the command that judges the engine, as a package of this module.
const simulator = "./sync/sim/cmd/sim"

// Root gives the folder of the module that contains the working directory.
func Root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("find module: %w", err)
	}
	return filepath.Dir(strings.TrimSpace(string(out))), nil
}

// Build builds the simulator with a mutant laid over the product's files, in a folder of its own under dir,
// and gives the program's path. The mutant without edits is the product as it is.
func Build(ctx context.Context, root, dir string, m Mutant) (string, error) {
	changed, err := m.Apply(root)
	if err != nil {
		return "", err
	}
	return build(ctx, root, filepath.Join(dir, m.Name), m.Name, changed)
}

// build builds the simulator in dir, with files of the module replaced.
func build(ctx context.Context, root, dir, name string, changed map[string]string) (string, error) {
	list, err := overlay(root, dir, changed)
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sim")
	build := exec.CommandContext(ctx, "go", "build", "-overlay", list, "-ldflags=-s -w", "-o", program, simulator)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mutant %s: build: %w\n%s", name, err, out)
	}
	return program, nil
}

// overlay writes the changed files and the list that go build reads, and gives the list's path.
func overlay(root, dir string, changed map[string]string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	replace := map[string]string{}
	for file, text := range changed {
		aside := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(aside, []byte(text), 0o600); err != nil {
			return "", err
		}
		replace[filepath.Join(root, filepath.FromSlash(file))] = aside
	}
	list, err := json.Marshal(map[string]map[string]string{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "overlay.json")
	return path, os.WriteFile(path, list, 0o600)
}
