package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/firmware/internal/support/brokertest"
	"syncbox/ota/order"
)

// harmless are the commands that ask nobody: what they do harms nobody, or they write files here alone.
var harmless = []string{"ca init", "ca list", "ca renew", "diag", "downgrade", "help", "identify", "journal", "keys new", "keys show", "list",
	"release check", "release init", "release publish", "release refresh", "release rotate", "renew", "show", "start", "stop", "sync", "watch", "wish"}

// asking are command lines that say what they would do and do nothing unless somebody types the name; {…} is filled in by the test.
var asking = []struct{ line, says string }{
	{"reboot B1", "restarts now"},
	{"resync B1 -level 2", "finds it anew"},
	{"reset B1 -level app", "Nothing is lost"},
	{"reset B1 -level network", "the code of its console"},
	{"reset B1 -level full", "LOSES ALL"},
	{"config B1 job.acomba.share.server=10.0.0.9", "sends the customer's data elsewhere"},
	{"config B1 job.acomba.interval=15m network.dns=192.0.2.1", "sends the customer's data elsewhere"},
	{"cancel B1", "no longer installs"},
	{"update B1 1.1.0 {sign}", "is to run 1.1.0"},
	{"rollout eu-1 1.1.0 {sign} {reach}", "this group is to run 1.1.0"},
	{"cosign {dir}/reset.json {sign}", "LOSES ALL"},
	{"cosign {dir}/resync.json {sign}", "finds it anew"},
	{"cosign {dir}/config.json {sign}", "sends the customer's data elsewhere"},
	{"send {dir}/reset.json {repo}", "LOSES ALL"},
	{"send {dir}/wish.json {repo}", "is to run 1.1.0"},
	{"send {dir}/older.json {repo}", "goes back to 1.1.0, an older release"},
	{"ca revoke -ca {dir}/none -name B1", "loses its certificates"},
	{"ca issue -ca {dir}/none -name B1 -kind backend -out {dir} -replace", "those of its key so far are revoked"},
	{"enrol -ca {dir}/none -name B1 -stick {dir} -replace", "those of its key so far are revoked"},
}

// TestEffects: each command that can hurt says what it does, in words, and wants a name typed; a new command is in one of the
// two lists.
func TestEffects(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", dir)
	boxctl := func(line, typed string) (int, string) {
		var out bytes.Buffer
		code := run(t.Context(), append(strings.Fields(line), "-lang", "en"), strings.NewReader(typed), &out, &out)
		return code, out.String()
	}
	fill := prepared(t, dir, func(line string) {
		t.Helper()
		if code, out := boxctl(line, ""); code != exitOK {
			t.Fatalf("boxctl %s: exit code %d\n%s", line, code, out)
		}
	})
	var asked []string
	for _, tt := range asking {
		name, _ := commandOf(strings.Fields(tt.line))
		asked = append(asked, name)
		for _, typed := range []string{"", "b1\n"} {
			code, out := boxctl(fill.Replace(tt.line), typed)
			if code != exitUnconfirmed || !strings.Contains(out, tt.says) {
				t.Errorf("boxctl %s, with %q typed: exit code %d, want %d and %q in:\n%s", tt.line, typed, code, exitUnconfirmed, tt.says, out)
			}
		}
	}
	for name, cmd := range commands() {
		c := &call{flags: flag.NewFlagSet(name, flag.ContinueOnError)}
		for _, f := range cmd.flags {
			f(c)
		}
		asks := slices.Contains(asked, name)
		if asks == slices.Contains(harmless, name) || asks != (c.flags.Lookup("yes") != nil) {
			t.Errorf("%s: asks in this test: %v; it has to be in one list, and to have -yes if it asks", name, asks)
		}
	}
}

// prepared makes keys, a repository with a release, orders in files and a certificate for the broker in dir, and gives what their
// places are called in command lines.
func prepared(t *testing.T, dir string, must func(line string)) *strings.Replacer {
	t.Helper()
	all := ""
	for _, holder := range []string{"holder-1", "holder-2", "reserve", "online", "support"} {
		all += " -keys " + filepath.Join(dir, "keys", holder)
	}
	repo := " -repo " + filepath.Join(dir, "repo")
	must("keys new -out " + filepath.Join(dir, "keys"))
	must("release init" + repo + all)
	root, err := os.ReadFile(filepath.Join(dir, "repo", "metadata", "1.root.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := build(dir, "1.1.0", root); err != nil {
		t.Fatal(err)
	}
	must("release publish" + repo + all + " -manifest " + filepath.Join(dir, "syncbox.manifest.json"))
	at := func(name string) string { return filepath.Join(dir, name) }
	must("reset B1 -level full -yes -box-name B1 -box-name B1 -propose " + at("reset.json") + repo + all)
	must("resync B1 -level 2 -yes -propose " + at("resync.json") + repo + all)
	must("config B1 job.acomba.share.server=10.0.0.9 -yes -propose " + at("config.json") + repo + all)
	must("wish -to box:B1 -version 1.1.0 -out " + at("wish.json") + repo + all)
	must("downgrade -to box:B1 -version 1.1.0 -out " + at("older.json") + repo + all)
	if err := os.WriteFile(at("box.csr"), []byte("a request"), 0o600); err != nil {
		t.Fatal(err)
	}
	ca, err := brokertest.NewCA()
	if err != nil {
		t.Fatal(err)
	}
	if err := (&fleettest.Site{CA: ca}).Write(fleettest.Support, dir); err != nil {
		t.Fatal(err)
	}
	mine := at(fleettest.Support)
	if err := os.Link(mine+".crt", at("ca.crt")); err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer("{dir}", dir, "{repo}", repo, "{sign}", repo+all,
		"{reach}", "-broker 127.0.0.1:1 -ca "+at("ca.crt")+" -cert "+mine+".crt -key "+mine+".key")
}

// TestEffectOf: what cannot be read counts as the worst, and what harms nobody has no words.
func TestEffectOf(t *testing.T) {
	for _, tt := range []struct {
		op   order.Op
		args string
		want string
	}{
		{order.Reset, `{"level":"half"}`, "effect-reset-full"},
		{order.Reset, `]`, "effect-reset-full"},
		{order.Resync, `{"level":1}`, ""},
		{order.Resync, `{"level":"1"}`, "effect-resync-2"},
		{order.Resync, ``, "effect-resync-2"},
		{order.Config, `{"set":[{"key":"job.acomba.interval","value":"15m"}]}`, ""},
		{order.Config, `{"set":1}`, "effect-config"},
		{order.Cancel, `{"id":"01JD9F2M4Q0000000000000000"}`, ""},
		{order.Cancel, `{"id":""}`, "effect-cancel"},
		{order.Cancel, `{"id":"x","level":`, "effect-cancel"},
		{order.Rollout, `{"version":"1.1.0"}`, "effect-update"},
		{order.Keys, ``, "effect-keys"},
		{order.Sync, ``, ""},
	} {
		if got, _ := effectOf(order.Order{Op: tt.op, Args: []byte(tt.args)}); got != tt.want {
			t.Errorf("%s %s: got %q, want %q", tt.op, tt.args, got, tt.want)
		}
	}
}
