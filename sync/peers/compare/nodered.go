package compare

import (
	"context"
	"embed"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// nodered is Node-RED 4: file, csv, filter ("block unless value changes", for each topic), batches of 1,000 rows
// or 200 ms, HTTP request. Its stock flow, one request for each row, is not used: the first look opens 100,000
// connections at once, runs out of file descriptors and delivers nothing.
type nodered struct {
	asked
	dir  string // where npm installed it
	port int
}

//go:embed nodered telegraf
var configs embed.FS

func (e *nodered) name() string        { return "nodered" }
func (e *nodered) rest() time.Duration { return 5 * time.Second }
func (e *nodered) holdAt() int         { return 1 }
func (e *nodered) script() string      { return filepath.Join(e.dir, "node_modules", "node-red", "red.js") }

func (e *nodered) missing() string {
	if _, err := exec.LookPath("node"); err != nil {
		return "node is not installed"
	}
	if _, err := os.Stat(e.script()); err != nil {
		return e.script() + " is not there"
	}
	return ""
}

func (e *nodered) start(ctx context.Context, a *arena) error {
	for _, name := range []string{"settings.js", "flows.json"} {
		b, err := configs.ReadFile("nodered/" + name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(a.dir, name), b, 0o600); err != nil {
			return err
		}
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	e.port = port
	script, err := filepath.Abs(e.script())
	if err != nil {
		return err
	}
	cmd := exec.Command("node", "--max-old-space-size=4096", script, "-s", filepath.Join(a.dir, "settings.js"), "-u", a.dir)
	cmd.Dir, cmd.Stdout, cmd.Stderr = a.dir, os.Stderr, os.Stderr
	cmd.Env = append(os.Environ(), "CSV_FILE="+a.file, "SINK_URL="+a.url, fmt.Sprint("PORT=", port))
	if e.p, err = start(cmd); err != nil {
		return err
	}
	return e.up(ctx)
}

// up waits until the last node of the flow is there: its port answers before that.
func (e *nodered) up(ctx context.Context) error {
	return until(ctx, func() (bool, error) {
		status, err := e.get(ctx, "/up")
		if err != nil {
			return false, e.p.ended()
		}
		return status == http.StatusOK, nil
	})
}

func (e *nodered) look(ctx context.Context) (time.Time, error) {
	began := time.Now()
	status, err := e.get(ctx, "/go")
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("/go: status %d", status)
	}
	return began, err
}

func (e *nodered) get(ctx context.Context, path string) (status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d%s", e.port, path), nil)
	if err != nil {
		return 0, err
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return answer.StatusCode, answer.Body.Close()
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
