package browsertest

import (
	"fmt"
	"os"
	"path/filepath"
)

// axeFile is where `make deps` puts axe-core, below the module's folder.
const axeFile = "build/browser/node_modules/axe-core/axe.min.js"

// readAxe reads axe-core.
func readAxe() (string, error) {
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(root, axeFile))
	if err != nil {
		return "", fmt.Errorf("axe-core: %w (%w)", ErrMissing, err)
	}
	return string(text), nil
}

// moduleRoot gives the folder that go.mod is in, of those above this process's.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod above this folder: %w", os.ErrNotExist)
		}
		dir = up
	}
}

// Axe gives what axe-core finds that is serious or critical (https://github.com/dequelabs/axe-core), one line for each
// element.
func (p *Page) Axe() ([]string, error) {
	there, err := ask[bool](p, `"axe" in window`)
	if err == nil && !there {
		_, err = ask[bool](p, p.axe+"\n;true")
	}
	if err != nil {
		return nil, fmt.Errorf("axe-core: %w", err)
	}
	return ask[[]string](p, `axe.run(document, {resultTypes: ["violations"]}).then(found =>
  found.violations.filter(v => v.impact === "serious" || v.impact === "critical").flatMap(v =>
    v.nodes.map(n => v.id + " (" + v.impact + "): " + n.html + ": " + n.failureSummary.replace(/\s+/g, " "))))`)
}
