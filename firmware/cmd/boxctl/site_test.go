package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"syncbox/firmware/internal/fleet/fleettest"
)

type siteKey struct{}

// theSite gives the broker of a story.
func theSite(ts *testscript.TestScript) *fleettest.Site {
	s := *ts.Value(siteKey{}).(**fleettest.Site)
	if s == nil {
		ts.Fatalf("broker comes first")
	}
	return s
}

// broker: one by the recipe, with certificates for support beside the settings of this program. Without mosquitto the story is
// over, but on CI.
func broker(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: broker")
	}
	dir := ts.MkAbs("broker")
	ts.Check(os.Mkdir(dir, 0o700))
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	recipe, err := filepath.Abs("../../../testdata/brokers/mosquitto")
	ts.Check(err)
	s, err := fleettest.Open(ctx, recipe, dir)
	ts.Check(err)
	ts.Defer(func() { ts.Check(s.Broker.Stop()) })
	settings := filepath.Join(ts.Getenv("XDG_CONFIG_HOME"), "syncbox")
	ts.Check(os.MkdirAll(settings, 0o700))
	ts.Check(s.Write(fleettest.Support, settings))
	text := fmt.Sprintf("broker = [%q]\nca = %q\ncert = \"%[3]s.crt\"\nkey = \"%[3]s.key\"\n", s.Broker.Addr, filepath.Join(dir, "ca.crt"), fleettest.Support)
	ts.Check(os.WriteFile(filepath.Join(settings, "boxctl.toml"), []byte(text), 0o600))
	*ts.Value(siteKey{}).(**fleettest.Site) = s
}

// hasMosquitto is the condition of the same name.
func hasMosquitto() (bool, error) {
	if os.Getenv("CI") != "" {
		return true, nil
	}
	if _, err := exec.LookPath("mosquitto"); err == nil {
		return true, nil
	}
	_, err := os.Stat("/usr/sbin/mosquitto")
	return err == nil, nil
}

// hasToken is the condition of the name token: a PKCS #11 token in software, and a program that signs with it.
func hasToken() bool {
	_, module := exec.LookPath("softhsm2-util")
	_, tool := exec.LookPath("pkcs11-tool")
	return os.Getenv("CI") != "" || module == nil && tool == nil
}

// fakebox NAME [fw=VERSION] [group=GROUP] [answer=WHAT]: a simulated box. WHAT is deaf, bad (every release fails), slow (takes orders and
// never ends), late (their time is over), fails (takes them and cannot do them), or the code with which it refuses.
func fakeBox(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: fakebox NAME [fw=VERSION] [group=GROUP] [answer=WHAT]")
	}
	b := &fleettest.Box{Name: args[0], FW: "1.0.0", Session: 1}
	for _, arg := range args[1:] {
		switch name, value, _ := strings.Cut(arg, "="); name {
		case "fw":
			b.FW = value
		case "group":
			b.Group = value
		case "answer":
			switch value {
			case "deaf":
				b.Deaf = true
			case "bad":
				b.Bad = true
			case "slow":
				b.Answer = always(`"phase":"accepted"`)
			case "late":
				b.Answer = always(`"phase":"expired","code":"expired"`)
			case "fails":
				b.Answer = always(`"phase":"failed","code":"order-interrupted"`)
			case "tells":
				b.Answer = tells
			default:
				b.Answer = always(fmt.Sprintf(`"phase":"rejected","code":%q`, value))
			}
		default:
			ts.Fatalf("no %s", arg)
		}
	}
	ts.Check(theSite(ts).Join(b))
}

func always(text string) func(string, json.RawMessage) []string {
	return func(string, json.RawMessage) []string { return []string{text} }
}

// tells answers what support asks for: a diagnosis, and a journal of three events on pages of two.
func tells(op string, args json.RawMessage) []string {
	var asked struct{ From int }
	if err := json.Unmarshal(args, &asked); op == "journal" && err != nil {
		return []string{`"phase":"rejected","code":"bad-args"`}
	}
	event := func(n int) string {
		return fmt.Sprintf(`{"seq":%d,"at":%d,"sev":"info","code":"cycle-complete","dir":"erp-crm","args":{"created":"%d","updated":"\u001b[2J"}}`, n, 1795338000+n, n)
	}
	detail := ""
	switch {
	case op == "diag":
		detail = `{"fw":"1.0.0","slot":"a","board":"pi\u001b4","up":60,"rss":30000,"free":200000,"total":500000,"codes":["crm-rate-limited","of-tomorrow"],` +
			`"jobs":[{"n":1,"service":"running","to_crm":{"outcome":"success"},"to_erp":{},"waiting":{"conflict":2}}],"journal":[{"at":1795338000,"code":"\u001b[31mred"}],"new":1}`
	case op == "journal" && asked.From < 3:
		detail = `{"events":[` + event(1) + `,` + event(2) + `],"next":3,"more":true}`
	case op == "journal":
		detail = `{"events":[` + event(3) + `],"next":4,"more":false}`
	}
	return []string{`"phase":"accepted"`, `"phase":"succeeded","detail":` + detail}
}

// exits CODE PROGRAM ARGUMENT…: runs it, and wants that exit code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGUMENT…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if ended := new(exec.ExitError); errors.As(err, &ended) {
		got = ended.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}
