package brokertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

// Mosquitto is a running mosquitto.
type Mosquitto struct {
	process
	dir string
}

// StartMosquitto starts mosquitto by the files in recipe (testdata/brokers/mosquitto), on a free port of loopback. Its own
// files lie in dir, which must be empty and is the caller's to remove. Without the program the error is ErrMissing.
// Change is pairs of a text of mosquitto.conf and what stands there instead, to show what it is there for.
func StartMosquitto(ctx context.Context, recipe, dir string, ca *CA, change ...string) (*Mosquitto, error) {
	program, err := exec.LookPath("mosquitto")
	if err != nil {
		if program, err = exec.LookPath("/usr/sbin/mosquitto"); err != nil { // is not in everybody's path
			return nil, fmt.Errorf("%w: mosquitto", ErrMissing)
		}
	}
	ports, err := freePorts(1)
	if err != nil {
		return nil, err
	}
	dir, err = filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	if err := layMosquitto(recipe, dir, ports[0], change); err != nil {
		return nil, err
	}
	if err := ca.writeServer(dir); err != nil {
		return nil, err
	}
	m := &Mosquitto{dir: dir, process: process{
		Addr: loopback(ports[0]), log: filepath.Join(dir, "log"),
		program: []string{program, "-c", filepath.Join(dir, "mosquitto.conf")},
	}}
	return m, m.Start(ctx)
}

func layMosquitto(recipe, dir string, port int, change []string) error {
	replace := append(change,
		"user mosquitto\n", "user root\n", // who started the test; where he is not root, the broker leaves it at that
		"/etc/mosquitto/", dir+"/", "/var/lib/mosquitto/", dir+"/state/",
		"listener 8883\n", fmt.Sprintf("listener %d 127.0.0.1\n", port),
	)
	if err := os.Mkdir(filepath.Join(dir, "state"), 0o700); err != nil {
		return err
	}
	if err := lay(recipe, dir, "mosquitto.conf", replace...); err != nil {
		return err
	}
	return lay(recipe, dir, "acl")
}

// Allow gives one more program of support the block in the file acl that the recipe has for the first one, and has the
// broker read it, which it does when it gets to it.
func (m *Mosquitto) Allow(name string) error {
	const first = "user fleet-backend-1\n"
	file := filepath.Join(m.dir, "acl")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, found := strings.Cut(string(text), first)
	block, after, ends := strings.Cut(rest, "\n\n")
	if !found || !ends {
		return fmt.Errorf("%s has no block of %s", file, first)
	}
	more := before + first + block + "\n\nuser " + name + "\n" + block + "\n\n" + after
	if err := os.WriteFile(file, []byte(more), 0o600); err != nil {
		return err
	}
	return m.running.Process.Signal(syscall.SIGHUP)
}

// Saved says whether what waits on the broker's disk has text in it.
func (m *Mosquitto) Saved(text string) bool {
	b, err := os.ReadFile(filepath.Join(m.dir, "state", "mosquitto.db"))
	return err == nil && strings.Contains(string(b), text)
}
