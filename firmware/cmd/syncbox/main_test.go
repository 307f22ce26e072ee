package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"syncbox/firmware/internal/local"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// cliFolder makes a folder with a configuration whose one job has a company that is not there, and gives the
// configuration's path. The socket lies in a folder of its own: its path must be short.
func cliFolder(t *testing.T, language string) string {
	t.Helper()
	dir := t.TempDir()
	door, err := os.MkdirTemp("", "door")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(door) })
	for name, text := range map[string]string{
		"syncbox.toml": fmt.Sprintf("[box]\ndata = %q\nsocket = %q\nlanguage = %q\n", filepath.Join(dir, "data"), filepath.Join(door, "s"), language) +
			fmt.Sprintf("[[job]]\nname = \"north\"\npair = \"acomba-centrixone\"\n[job.share]\nkind = \"directory\"\npath = %q\n", dir) +
			"[job.acomba]\ncompany = \"NOWHERE\"\n[job.centrixone]\nurl = \"http://127.0.0.1:1\"\n",
		"secrets.toml": "[job.north]\ncrm_account = \"10234\"\ncrm_key = \"PLANTED7KEY\"\n",
		"bad.toml":     "[box]\ncolour = \"blue\"\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "syncbox.toml")
}

// cli runs one command line.
func cli(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

func TestExitCodes(t *testing.T) {
	conf := cliFolder(t, "en")
	bad := filepath.Join(filepath.Dir(conf), "bad.toml")
	missing := filepath.Join(filepath.Dir(conf), "missing.toml")
	tests := []struct {
		name      string
		args      []string
		code      int
		out, errs string // parts
	}{
		{"nothing", nil, exitOK, "syncbox COMMAND", ""},
		{"help", []string{"help"}, exitOK, "keep-erp", ""},
		{"help as people guess it", []string{"--help"}, exitOK, "syncbox COMMAND", ""},
		{"help of a command", []string{"journal", "-h"}, exitOK, "", "at most N events"},
		{"unknown command", []string{"sync"}, exitUsage, "", `unknown command "sync"`},
		{"unknown flag", []string{"status", "-colour"}, exitUsage, "", "-colour"},
		{"bad flag", []string{"journal", "-n", "many"}, exitUsage, "", "many"},
		{"too many arguments", []string{"status", "-config", conf, "north"}, exitUsage, "", `unexpected "north"`},
		{"argument missing", []string{"recreate", "-config", conf}, exitUsage, "", "NAME"},
		{"two names", []string{"retry", "-config", conf, "1/deleted/", "2/deleted/"}, exitUsage, "", `unexpected "2/deleted/"`},
		{"check", []string{"check", "-config", conf}, exitOK, "1 job: all is right", ""},
		{"check a bad one", []string{"check", "-config", bad}, exitConfig, "", `unknown key "box.colour"`},
		{"no configuration", []string{"check", "-config", missing}, exitConfig, "", "no such file"},
		{"run a bad one", []string{"run", "-config", bad}, exitConfig, "", `unknown key "box.colour"`},
		{"status of a bad one", []string{"status", "-config", bad}, exitConfig, "", `unknown key "box.colour"`},
		{"status without a box", []string{"status", "-config", conf}, exitNoBox, "", local.ErrNoBox.Error()},
		{"journal without a box", []string{"journal", "-config", conf}, exitNoBox, "", local.ErrNoBox.Error()},
		{"waiting without a box", []string{"waiting", "-config", conf}, exitNoBox, "", local.ErrNoBox.Error()},
		{"force without a box", []string{"force", "-config", conf}, exitNoBox, "", local.ErrNoBox.Error()},
		{"resync without a box", []string{"resync", "-config", conf, "1", "--now"}, exitNoBox, "", local.ErrNoBox.Error()},
		{"resync of no level", []string{"resync", "-config", conf, "3"}, exitUsage, "", `a resync "3"; want 1|2|go|cancel`},
		{"resync goes now", []string{"resync", "-config", conf, "--now", "go"}, exitUsage, "", "-now goes with 1 and 2"},
		{"resync since a day without a box", []string{"resync", "-config", conf, "1", "-since", "2026-01-31"}, exitNoBox, "", local.ErrNoBox.Error()},
		{"resync of all since a day", []string{"resync", "-config", conf, "2", "-since", "2026-01-31"}, exitUsage, "", "-since goes with 1 only"},
		{"resync of nothing", []string{"resync", "-config", conf}, exitUsage, "", "1|2|go|cancel"},
		{"a bad flag behind", []string{"resync", "1", "-colour"}, exitUsage, "", "-colour"},
		{"write test without a box", []string{"write-test", "-config", conf, "1234"}, exitNoBox, "", local.ErrNoBox.Error()},
		{"write test of nobody", []string{"write-test", "-config", conf}, exitUsage, "", "NUMBER"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			code, out, errs := cli(t.Context(), test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			if !strings.Contains(out, test.out) || !strings.Contains(errs, test.errs) {
				t.Errorf("got %q and %q, want %q and %q in them", out, errs, test.out, test.errs)
			}
			if test.code != exitOK && errs == "" {
				t.Error("nothing says what is wrong")
			}
		})
	}
}

func TestExitCodeOfAnError(t *testing.T) {
	for _, test := range []struct {
		err  error
		want int
	}{
		{nil, exitOK},
		{errors.New("x"), exitFailed},
		{fmt.Errorf("%w: x", errConfig), exitConfig},
		{fmt.Errorf("x: %w", local.ErrNoBox), exitNoBox},
		{fmt.Errorf("%w: north", errTrouble), exitTrouble},
		{fmt.Errorf("%w: x", errUsage), exitUsage},
	} {
		var errs bytes.Buffer
		if got := (&call{errw: &errs}).finish(test.err); got != test.want {
			t.Errorf("%v: got %d, want %d", test.err, got, test.want)
		}
	}
}

// Every command is told in the list, and takes its flags.
func TestEveryCommandHasHelp(t *testing.T) {
	_, list, _ := cli(t.Context(), "help")
	if strings.Contains(list, "help.") {
		t.Errorf("a command without words:\n%s", list)
	}
	for name := range commands() {
		if !strings.Contains(list, "\n  "+name+" ") {
			t.Errorf("%s is not in the list", name)
		}
		if code, _, errs := cli(t.Context(), name, "-h"); code != exitOK || !strings.Contains(errs, "-config") {
			t.Errorf("%s -h: exit code %d and %q", name, code, errs)
		}
	}
}

// The whole program, with a company folder that is not there.
//
// Requirement: ACO-8, ACO-81, ACO-82, ACO-83, ACO-88, ACO-90
func TestCommandsAskARunningBox(t *testing.T) {
	conf := cliFolder(t, "fr-CA")
	ctx, cancel := context.WithCancel(context.Background())
	type end struct {
		code int
		errs string
	}
	ended := make(chan end, 1)
	go func() {
		code, _, errs := cli(ctx, "run", "-config", conf)
		ended <- end{code, errs}
	}()
	defer cancel()
	ask := func(args ...string) (int, string, string) {
		return cli(t.Context(), append([]string{args[0], "-config", conf}, args[1:]...)...)
	}
	err := storytest.Until(t.Context(), "a direction waits", time.Minute, func() bool {
		_, out, _ := ask("status")
		return strings.Contains(out, "En attente – ")
	})
	if err != nil {
		_, out, errs := ask("status")
		t.Fatal(err, out, errs)
	}
	code, out, _ := ask("status")
	for _, want := range []string{"north\n", "En fonction", "Acomba -> CRM", "CRM -> Acomba", "→ "} {
		if !strings.Contains(out, want) {
			t.Errorf("status says %q, want %q in it", out, want)
		}
	}
	if code != exitOK {
		t.Errorf("status of a job that waits: exit code %d, want %d", code, exitOK)
	}
	_, out, _ = ask("status", "-json")
	var all []local.JobStatus
	if err := json.Unmarshal([]byte(out), &all); err != nil || len(all) != 1 || all[0].Status.Ways[0].Outcome != engine.Waits {
		t.Errorf("status -json: %v in %q", err, out)
	}
	if code, out, _ := ask("journal"); code != exitOK || !strings.Contains(out, "✖") {
		t.Errorf("journal: exit code %d and %q, want the cause in it", code, out)
	}
	if code, out, _ := ask("waiting", "-json"); code != exitOK || strings.TrimSpace(out) != "[]" {
		t.Errorf("waiting -json: exit code %d and %q, want an empty list", code, out)
	}
	if code, out, _ := ask("selfcheck"); code != exitOK || out != "Tout concorde.\n" {
		t.Errorf("selfcheck: exit code %d and %q", code, out)
	}
	if code, _, errs := ask("recreate", "1/deleted/"); code != exitFailed || !strings.Contains(errs, "no such thing") {
		t.Errorf("recreate what is not there: exit code %d and %q", code, errs)
	}
	if code, _, errs := ask("force", "-job", "east"); code != exitFailed || !strings.Contains(errs, `no job has the name "east"`) {
		t.Errorf("force another job: exit code %d and %q", code, errs)
	}
	if code, out, errs := ask("resync", "1"); code != exitOK || !strings.Contains(out, "Comptage demandé") {
		t.Errorf("resync: exit code %d, %q and %q", code, out, errs)
	}
	if _, out, _ := ask("status"); !strings.Contains(out, "Resynchro 1") || !strings.Contains(out, "comptage demandé; rien n'est changé") {
		t.Errorf("status of a resync that can't be counted yet: %q", out)
	}
	if code, _, errs := ask("resync", "1", "-since", "2026-01-31"); code != exitFailed || !strings.Contains(errs, "since a day") {
		t.Errorf("resync since a day with a CRM that does not list by days: exit code %d and %q", code, errs)
	}
	if _, out, _ := ask("resync", "2"); !strings.Contains(out, "support@centrix.one") {
		t.Errorf("resync 2: got %q, want whom to ask if it does not help", out)
	}
	if code, _, errs := ask("resync", "cancel"); code != exitOK || errs != "" {
		t.Errorf("resync cancel: exit code %d and %q", code, errs)
	}
	if code, _, errs := ask("resync", "go"); code != exitFailed || !strings.Contains(errs, "no resync waits for a word") {
		t.Errorf("resync go: exit code %d and %q", code, errs)
	}
	if code, _, errs := ask("stop"); code != exitOK || errs != "" {
		t.Errorf("stop: exit code %d and %q", code, errs)
	}
	cancel()
	last := <-ended
	if last.code != exitOK || strings.Contains(last.errs, "PLANTED7KEY") || !strings.Contains(last.errs, "box starts") {
		t.Errorf("the box ended with %d and the log\n%s", last.code, last.errs)
	}
	if code, _, _ := ask("status"); code != exitNoBox {
		t.Errorf("status after the end: exit code %d, want %d", code, exitNoBox)
	}
}

// A job that does not run at all makes status fail, for scripts.
func TestStatusTellsTrouble(t *testing.T) {
	conf := cliFolder(t, "en")
	data := filepath.Join(filepath.Dir(conf), "data", "north")
	f, err := store.OpenJob(data, "another-box", "north", 1, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan int, 1)
	go func() {
		code, _, _ := cli(ctx, "run", "-config", conf)
		ended <- code
	}()
	var code int
	var out string
	err = storytest.Until(t.Context(), "the job fails", time.Minute, func() bool {
		code, out, _ = cli(t.Context(), "status", "-config", conf)
		return strings.Contains(out, "The memory of the sync is that of another box.")
	})
	if err != nil || code != exitTrouble {
		t.Errorf("got exit code %d, want %d: %v, %s", code, exitTrouble, err, out)
	}
	cancel()
	if code := <-ended; code != exitOK {
		t.Errorf("the box ended with %d", code)
	}
}

// A socket on which nobody listens counts as no box, too.
func TestDeadSocket(t *testing.T) {
	conf := cliFolder(t, "en")
	text, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}
	_, path, _ := strings.Cut(string(text), `socket = "`)
	path, _, _ = strings.Cut(path, `"`)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	_ = l.Close()
	if code, _, _ := cli(t.Context(), "status", "-config", conf); code != exitNoBox {
		t.Errorf("exit code %d, want %d", code, exitNoBox)
	}
}
