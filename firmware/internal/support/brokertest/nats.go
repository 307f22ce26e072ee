package brokertest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// NATS is one server of a cluster.
type NATS struct {
	process
	Native string // where it listens for its own protocol

	health string // address that tells whether it is ready
	recipe string
}

// Allow gives the boxes with these names a line in users.conf, all others none, and lets the server read it.
func (s *NATS) Allow(boxes []string) error {
	if err := layUsers(s.recipe, filepath.Dir(s.log), boxes); err != nil {
		return err
	}
	return s.running.Process.Signal(syscall.SIGHUP)
}

// StartNATS starts a cluster of three NATS servers with JetStream by the files in recipe (testdata/brokers/nats), on free
// ports of loopback, and waits until all of them are ready. Their own files lie in dir, which must be empty and is the
// caller's to remove; boxes are the names that have a line like that of box-0001, or of fleet-backend-1 where they begin so. The server is the one that the module
// in the folder pinned names; where it can be neither found nor built, the error is ErrMissing.
func StartNATS(ctx context.Context, pinned, recipe, dir string, ca *CA, boxes []string) ([]*NATS, error) {
	program, err := natsServer(ctx, pinned)
	if err != nil {
		return nil, err
	}
	ports, err := freePorts(12)
	if err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	var cluster []*NATS
	for i := range 3 {
		n := natsNode{dir: filepath.Join(dir, fmt.Sprint("nats-", i+1)), number: i + 1, mqtt: ports[i], peers: ports[3:6], http: ports[6+i], native: ports[9+i]}
		if err := n.lay(recipe, ca, boxes); err != nil {
			return nil, errors.Join(err, StopNATS(cluster))
		}
		s := &NATS{Native: loopback(n.native), recipe: recipe, health: "http://" + loopback(n.http) + "/healthz", process: process{
			Addr: loopback(n.mqtt), log: filepath.Join(n.dir, "log"), program: []string{program, "-c", filepath.Join(n.dir, "nats.conf")},
		}}
		cluster = append(cluster, s)
		if err := s.launch(); err != nil {
			return nil, errors.Join(err, StopNATS(cluster))
		}
	}
	for _, s := range cluster {
		if err := s.Ready(ctx); err != nil {
			return nil, errors.Join(err, errors.New(s.Log()), StopNATS(cluster))
		}
	}
	return cluster, nil
}

// StopNATS ends all of them, by their ids.
func StopNATS(cluster []*NATS) error {
	var all []error
	for _, s := range cluster {
		all = append(all, s.Stop())
	}
	return errors.Join(all...)
}

// natsServer builds the pinned server, once: the go command keeps it.
func natsServer(ctx context.Context, pinned string) (string, error) {
	build := exec.CommandContext(ctx, "go", "tool", "-n", "nats-server")
	build.Dir = pinned
	build.Env = append(os.Environ(), "GOOS=", "GOARCH=", "GOARM=", "CGO_ENABLED=0", "GOWORK=off") // for this machine, whatever is tested
	out, err := build.Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = errors.New(string(exit.Stderr))
		}
		return "", fmt.Errorf("%w: nats-server: %w", ErrMissing, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// natsNode is where one server of the cluster lives.
type natsNode struct {
	dir                        string
	number, mqtt, http, native int
	peers                      []int
}

func (n natsNode) lay(recipe string, ca *CA, boxes []string) error {
	if err := os.Mkdir(n.dir, 0o700); err != nil {
		return err
	}
	if err := ca.writeServer(n.dir); err != nil {
		return err
	}
	replace := []string{
		"server_name: nats-1", fmt.Sprint("server_name: nats-", n.number), "/etc/nats/", n.dir + "/", "/var/lib/nats", n.dir + "/state",
		`listen: "10.0.0.1:6222"`, fmt.Sprintf("listen: %q", loopback(n.peers[n.number-1])),
		"127.0.0.1:4222", loopback(n.native), `http: "127.0.0.1:8222"`, fmt.Sprintf("http: %q", loopback(n.http)), "0.0.0.0:8883", loopback(n.mqtt),
	}
	for i, port := range n.peers {
		replace = append(replace, fmt.Sprintf("tls://10.0.0.%d:6222", i+1), "tls://"+loopback(port))
	}
	if err := lay(recipe, n.dir, "nats.conf", replace...); err != nil {
		return err
	}
	return layUsers(recipe, n.dir, boxes)
}

// layUsers gives each box the line that the recipe has for box-0001, and each other program of support (fleet-backend-2) that of
// fleet-backend-1.
func layUsers(recipe, dir string, names []string) error {
	const box, program = "box-0001", "fleet-backend-1"
	text, err := os.ReadFile(filepath.Join(recipe, "users.conf"))
	if err != nil {
		return err
	}
	var all strings.Builder
	for line := range strings.Lines(string(text)) {
		isBox, isProgram := strings.Contains(line, `"CN=`+box+`"`), strings.Contains(line, `"CN=`+program+`"`)
		if !isBox {
			all.WriteString(line)
		}
		for _, name := range names {
			switch backend := strings.HasPrefix(name, "fleet-"); {
			case isBox && !backend:
				all.WriteString(strings.ReplaceAll(line, box, name))
			case isProgram && backend:
				all.WriteString(strings.ReplaceAll(line, program, name))
			}
		}
	}
	return os.WriteFile(filepath.Join(dir, "users.conf"), []byte(all.String()), 0o600)
}

// Ready waits until the server has found the others and takes part with them.
func (s *NATS) Ready(ctx context.Context) error {
	if err := s.listening(ctx); err != nil {
		return err
	}
	retry := time.NewTicker(50 * time.Millisecond)
	defer retry.Stop()
	for {
		ask, err := http.NewRequestWithContext(ctx, http.MethodGet, s.health, nil)
		if err != nil {
			return err
		}
		if answer, err := http.DefaultClient.Do(ask); err == nil {
			answer.Body.Close()
			if answer.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-retry.C:
		case <-s.ended:
			return errors.New("start nats-server: ended")
		case <-ctx.Done():
			return fmt.Errorf("start nats-server: not ready: %w", ctx.Err())
		}
	}
}
