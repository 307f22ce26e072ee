package brokertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// lay writes a recipe's file into dir with some of its text replaced, in pairs of old and new. What it does not find is
// an error: the recipe has then changed, and the test would no longer try what it says.
func lay(recipe, dir, name string, replace ...string) error {
	text, err := os.ReadFile(filepath.Join(recipe, name))
	if err != nil {
		return err
	}
	for i := 0; i < len(replace); i += 2 {
		if !strings.Contains(string(text), replace[i]) {
			return fmt.Errorf("lay out %s: has no %q", filepath.Join(recipe, name), replace[i])
		}
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(strings.NewReplacer(replace...).Replace(string(text))), 0o600)
}
