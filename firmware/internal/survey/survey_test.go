package survey_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/firmware/internal/survey"
	"syncbox/firmware/internal/survey/child"
)

// TestMain is the child as well: the helper starts this program itself with the one argument survey. By another name
// it is one that goes wrong as Go programs do.
func TestMain(m *testing.M) {
	switch filepath.Base(os.Args[0]) {
	case "greedy":
		for all := []byte{1}; ; {
			all = append(all, all...)
		}
	case "clumsy":
		var none []byte
		go func() { none[len(os.Args)] = 1 }()
		select {}
	}
	if slices.Equal(os.Args[1:], []string{"survey"}) {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		if err := child.Run(ctx, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// site is a server whose share erp holds two companies.
type site struct {
	*sharetest.Samba
	north *acombatest.Company
}

func newSite(t testing.TB) site {
	t.Helper()
	server := sharetest.New(t, sharetest.Options{Users: map[string]string{sharetest.UserBox: secret}})
	erp := server.Dir(sharetest.ShareERP)
	s := site{Samba: server}
	s.north = must(acombatest.Create(filepath.Join(erp, "F1000.dta", "Nord"), acombatest.Options{Seed: 1, Customers: 60, Documents: 30}))(t)
	must(acombatest.Create(filepath.Join(erp, "F1000.dta", "Sud"), acombatest.Options{Seed: 2, Profile: acombatest.SIM2, Customers: 60, Documents: 30}))(t)
	return s
}

const secret = "S3cret-of-the-box"

func (s site) target() survey.Target {
	return survey.Target{Server: "127.0.0.1", Port: s.Port, User: sharetest.UserBox, Password: secret, Share: sharetest.ShareERP}
}

// A server is found, a way to it is tried, and a company is read through every probe.
//
// Requirement: ACO-4, ACO-72
func TestSurvey(t *testing.T) {
	s := newSite(t)
	h := &survey.Helper{}
	var progress []survey.Progress
	servers, err := h.Sweep(t.Context(), survey.SweepRequest{Port: s.Port,
		Addresses: []netip.Addr{netip.MustParseAddr("127.0.0.9"), netip.MustParseAddr("127.0.0.1")}},
		func(p survey.Progress) { progress = append(progress, p) })
	if err != nil || len(servers) != 1 || servers[0].Name != "ERPSRV" {
		t.Fatalf("found %+v, %v", servers, err)
	}
	if len(progress) != 2 || progress[1].Done != 2 || progress[1].Of != 2 {
		t.Errorf("got progress %+v", progress)
	}

	var live []survey.Stage
	results, err := h.Steps(t.Context(), survey.StepsRequest{Target: s.target()}, func(r survey.Result) { live = append(live, r.Stage) })
	if err != nil || len(results) != len(survey.Stages()) || !slices.Equal(live, survey.Stages()) {
		t.Fatalf("came to %+v, %v", results, err)
	}
	found := results[7].Companies
	if len(found) != 2 || found[0].Folder != "F1000.dta/Nord" || found[0].Layout != "refacomba/1" || found[1].Layout != "refacomba-sim2/1" || found[0].Missing != nil {
		t.Fatalf("found %+v", found)
	}

	to := s.target()
	to.Folder = found[0].Folder
	results, report, err := h.Probes(t.Context(), survey.ProbesRequest{Target: to}, nil)
	if err != nil || report.Code != "" || report.Layout != "refacomba/1" || len(report.Probes) < 10 || len(results) != 7 {
		t.Fatalf("got %+v after %+v, %v", report, results, err)
	}
	for _, p := range report.Probes {
		if !p.Pass {
			t.Errorf("probe %+v", p)
		}
	}

	// The probe that fails is shown, with the others.
	for _, c := range must(s.north.Customers())(t) {
		check(t, s.north.SetRaw(acombatest.CustomerTable, c.CardPos, "language", 77))
	}
	_, report, err = h.Probes(t.Context(), survey.ProbesRequest{Target: to}, nil)
	if err != nil || report.Code != acomba.CodeProbeFailed || report.Args["probe"] != "enum_known" {
		t.Errorf("got %+v, %v", report, err)
	}
	var failed []string
	for _, p := range report.Probes {
		if !p.Pass {
			failed = append(failed, p.File+" "+p.Kind+" "+p.Field)
		}
	}
	if !slices.Equal(failed, []string{"CUSTOMER enum_known language"}) {
		t.Errorf("failed: %q", failed)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A company that was moved to another share and folder is found by its content, and not the other one.
//
// Requirement: ACO-71
func TestFind(t *testing.T) {
	s := newSite(t)
	erp, enc := s.Dir(sharetest.ShareERP), s.Dir(sharetest.ShareEnc)
	id := identity(t, filepath.Join(erp, "F1000.dta"), "Nord")
	check(t, os.MkdirAll(filepath.Join(enc, "Compta", "2027"), 0o755))
	check(t, os.Rename(filepath.Join(erp, "F1000.dta", "Nord"), filepath.Join(enc, "Compta", "2027", "Nord inc")))
	to := s.target()
	to.Folder = "F1000.dta/Nord"
	var folders int
	results, found, err := (&survey.Helper{}).Find(t.Context(), survey.FindRequest{Target: to, Identity: id}, func(p survey.Progress) { folders = p.Done })
	if err != nil || len(results) != 5 || len(found) == 0 {
		t.Fatalf("found %+v after %+v, %v", found, results, err)
	}
	best := found[0]
	if best.Share != "enc" || best.Folder != "Compta/2027/Nord inc" || !best.Sure || best.Agree != best.Of {
		t.Errorf("got %+v", best)
	}
	for _, other := range found[1:] {
		if other.Sure || 2*other.Agree > other.Of {
			t.Errorf("this is another company: %+v", other)
		}
	}
	if folders < 5 {
		t.Errorf("%d folders were looked into", folders)
	}
}

// identity is what a job of the box keeps of a company after its first look.
func identity(t testing.TB, root, folder string) survey.Identity {
	t.Helper()
	cfg := acomba.Defaults()
	cfg.Folder = folder
	cfg.Wait = func(context.Context, time.Duration) error { return nil }
	c := must(acomba.New(cfg, os.DirFS(root), nil))(t)
	o := &marks{}
	check(t, c.Observe(t.Context(), o))
	return acomba.IdentityOf(o.high)
}

// The password is on no command line and in no environment while a child is at work, nor in the log.
func TestTheSecretStaysOnThePipe(t *testing.T) {
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer l.Close()
	asked := make(chan net.Conn)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			asked <- c
		}
	}()
	var log bytes.Buffer
	h := &survey.Helper{Log: slog.New(slog.NewTextHandler(&log, nil))}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		_, err := h.Steps(ctx, survey.StepsRequest{Target: survey.Target{Server: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port,
			User: "u", Password: secret}}, nil)
		ended <- err
	}()
	(<-asked).Close() // the port is tried
	conn := <-asked   // the server is asked, and is silent
	defer conn.Close()
	ids := children(t)
	if len(ids) != 1 {
		t.Fatalf("%d children are at work", len(ids))
	}
	for _, name := range []string{"cmdline", "environ"} {
		text := must(os.ReadFile(fmt.Sprintf("/proc/%d/%s", ids[0], name)))(t)
		if bytes.Contains(text, []byte(secret)) || bytes.Contains(text, []byte("PATH=")) {
			t.Errorf("%s holds what it must not, in %d bytes", name, len(text))
		}
	}
	limits := string(must(os.ReadFile(fmt.Sprintf("/proc/%d/limits", ids[0])))(t))
	if !strings.Contains(limits, "Max data size             201326592            201326592") {
		t.Errorf("the child is not bound:\n%s", limits)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := children(t); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
	if strings.Contains(log.String(), secret) {
		t.Errorf("the log says %s", log.String())
	}
}

// children gives the processes that this one has started and not yet fetched.
func children(t testing.TB) (ids []int) {
	t.Helper()
	lists := must(filepath.Glob("/proc/self/task/*/children"))(t)
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended
		for _, id := range strings.Fields(string(text)) {
			n := must(strconv.Atoi(id))(t)
			if line, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", n)); bytes.HasSuffix(line, []byte("\x00survey\x00")) {
				ids = append(ids, n)
			}
		}
	}
	return ids
}

// script is a program that stands for a child which is not what it should be.
func script(t testing.TB, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "child")
	check(t, os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o755))
	return name
}

// Whatever a child does, the box hears of it and goes on.
func TestChildrenGoWrong(t *testing.T) {
	tests := []struct {
		name, program string
		time          time.Duration
		want          string
	}{
		{"there is none", "/no/such/program", time.Minute, survey.CodeNotStarted},
		{"ends at once", script(t, "exit 3"), time.Minute, survey.CodeDied},
		{"killed", script(t, "kill -9 $$"), time.Minute, survey.CodeDied},
		{"ends without the last word", script(t, `echo '{"Progress":{"Done":1,"Of":2}}'`), time.Minute, survey.CodeDied},
		{"rubbish", script(t, "echo hello; cat"), time.Minute, survey.CodeGarbled},
		{"half a line", script(t, `printf '{"Progress":'`), time.Minute, survey.CodeGarbled},
		{"a line without end", script(t, "cat /dev/zero"), time.Minute, survey.CodeGarbled},
		{"lines without end", script(t, `while echo '{"Progress":{"Done":1,"Of":2}}'; do :; done`), time.Minute, survey.CodeGarbled},
		{"a last word, then no end", script(t, `echo '{"Done":true}'; sleep 1000`), time.Minute, ""},
		{"does nothing", script(t, "sleep 1000"), 300 * time.Millisecond, survey.CodeSlow},
		{"leaves another process behind", script(t, "sleep 1000 & exit 0"), 300 * time.Millisecond, survey.CodeSlow},
		{"screams", script(t, "head -c 10000000 /dev/zero >&2; exit 1"), time.Minute, survey.CodeDied},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			h := &survey.Helper{Program: tt.program, Time: tt.time, Log: slog.New(slog.NewTextHandler(&log, nil))}
			_, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil)
			if tt.want == "" && err == nil {
				return
			}
			if connectors.CodeOf(err) != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
			if log.Len() > 2000 {
				t.Errorf("the log has %d bytes of it", log.Len())
			}
			h.Program = script(t, `echo '{"Done":true}'`)
			if _, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil); err != nil {
				t.Errorf("the next one fails: %v", err)
			}
		})
	}
	if left := children(t); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
}

// What a child has started ends with it.
func TestTheWholeGroupEnds(t *testing.T) {
	left := 0
	h := &survey.Helper{Program: script(t, `sleep 1000 >/dev/null & echo '{"Progress":{"Done":'$!'}}'; echo '{"Done":true}'`)}
	_, err := h.Sweep(t.Context(), survey.SweepRequest{}, func(p survey.Progress) { left = p.Done })
	check(t, err)
	check(t, storytest.Until(t.Context(), "the other one has ended", time.Minute, func() bool {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", left))
		return err != nil || strings.Contains(string(stat), ") Z ")
	}))
}

// named is this program by another name.
func named(t testing.TB, name string) string {
	t.Helper()
	link := filepath.Join(t.TempDir(), name)
	check(t, os.Symlink(must(os.Executable())(t), link))
	return link
}

// A child that asks for memory without end is refused it, and only it ends.
func TestMemoryIsBound(t *testing.T) {
	for name, program := range map[string]string{
		"a Go program": named(t, "greedy"),
		"any other":    script(t, `exec awk 'BEGIN { s = "xxxxxxxxxxxxxxxx"; while (1) s = s s }'`),
	} {
		_, err := (&survey.Helper{Program: program}).Sweep(t.Context(), survey.SweepRequest{}, nil)
		if connectors.CodeOf(err) != survey.CodeDied {
			t.Errorf("%s: got %v", name, err)
		}
	}
	var used syscall.Rusage
	check(t, syscall.Getrusage(syscall.RUSAGE_CHILDREN, &used))
	if used.Maxrss > 256<<10 { // KiB
		t.Errorf("a child had %d KiB", used.Maxrss)
	}
}

// How the runtime ends a child is in the log, and nothing else that it said.
func TestLastWords(t *testing.T) {
	for program, want := range map[string]string{
		named(t, "clumsy"): `words="panic: runtime error: index out of range`,
		named(t, "greedy"): `words="(fatal error|runtime)`,
		script(t, "echo the password is "+secret+" >&2; exit 1"): `status="exit status 1" words=""`,
	} {
		var log bytes.Buffer
		h := &survey.Helper{Program: program, Log: slog.New(slog.NewTextHandler(&log, nil))}
		if _, err := h.Sweep(t.Context(), survey.SweepRequest{}, nil); connectors.CodeOf(err) != survey.CodeDied {
			t.Errorf("got %v", err)
		}
		if !regexp.MustCompile(want).MatchString(log.String()) || strings.Contains(log.String(), secret) {
			t.Errorf("got %s, want %s", log.String(), want)
		}
	}
}

// What can't be meant starts no child.
func TestRequestsAreChecked(t *testing.T) {
	h := &survey.Helper{Program: "/no/such/program"}
	bad := survey.Target{Server: "no host", Password: secret}
	_, err := h.Steps(t.Context(), survey.StepsRequest{Target: bad}, nil)
	if err == nil || !strings.Contains(err.Error(), "server") || strings.Contains(err.Error(), secret) {
		t.Errorf("got %v", err)
	}
	good := survey.Target{Server: "SERVEUR"}
	if _, _, err := h.Probes(t.Context(), survey.ProbesRequest{Target: good, Layout: "/no/such/layout.toml"}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, _, err := h.Find(t.Context(), survey.FindRequest{Target: good}, nil); connectors.CodeOf(err) != survey.CodeNotStarted {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := h.Sweep(ctx, survey.SweepRequest{}, nil); err == nil {
		t.Error("an ended context starts a child")
	}
}
