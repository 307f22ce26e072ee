// Package need says for a test which programs of the machine it cannot do without: on CI a missing
// one is a failure, elsewhere the test is skipped.
package need

import (
	"os"
	"os/exec"
	"testing"
)

// Programs ends the test unless all names are found in PATH (or are paths of programs).
func Programs(t testing.TB, names ...string) {
	t.Helper()
	for _, n := range names {
		if _, err := exec.LookPath(n); err != nil {
			Missing(t, "program "+n+" is not installed")
		}
	}
}

// Missing ends the test because of something that the machine lacks.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(what)
	}
	t.Skip(what)
}
