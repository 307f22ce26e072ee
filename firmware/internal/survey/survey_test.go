package survey_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/acomba"
	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/share/sharetest"
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
	h := &survey.Helper{Memory: room}
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
	results, found, err := (&survey.Helper{Memory: room}).Find(t.Context(), survey.FindRequest{Target: to, Identity: id}, func(p survey.Progress) { folders = p.Done })
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
