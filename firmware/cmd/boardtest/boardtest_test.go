package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/board/boardtest"
	"syncbox/firmware/internal/locale"
)

// answers are a person who says what a test has him say, and a board that answers lines.
type answers struct {
	person map[string]string
	board  map[string]string // what is typed → what comes, before the next prompt
	told   map[string]string // what the person is told → what comes
	line   io.ReadWriter     // the board's end
	prompt string
}

func (a *answers) Tell(name, _ string) {
	if text := a.told[name]; text != "" {
		io.WriteString(a.line, text)
	}
}

func (a *answers) Ask(name, _ string) (string, error) {
	answer, ok := a.person[name]
	if !ok {
		return "", io.EOF
	}
	return answer, nil
}

// serve is the board.
func (a *answers) serve() {
	var typed []byte
	b := make([]byte, 1)
	for {
		if _, err := a.line.Read(b); err != nil {
			return
		}
		if b[0] != '\r' {
			typed = append(typed, b[0])
			continue
		}
		text := strings.TrimLeft(string(typed), "\x15")
		typed = nil
		answer, known := a.board[text]
		switch {
		case text == "login":
			io.WriteString(a.line, "login\r\ntime=x level=INFO msg=\"it: comes in between\"\r\nSet-up code (on the label): ")
			continue
		case !known:
			answer = "Unknown command.\r\n"
		}
		if strings.Contains(answer, "logged on") {
			a.prompt = strings.Replace(a.prompt, ">", "#", 1)
		}
		io.WriteString(a.line, text+"\r\n"+answer+"time=x level=INFO msg=event code=whatever\r\n"+a.prompt)
	}
}

const goodBoot = "time=x level=INFO msg=event code=device-restart\r\nAB: s1=1 s2=0\r\nAB: slot b part 3\r\ntime=x level=INFO msg=\"modules loaded\" list=/modules.list count=49 of=49\r\n" +
	"time=x level=INFO msg=\"modules loaded\" list=/modules-pi.list count=30 of=30\r\n" +
	"time=x level=INFO msg=board model=raspberry-pi-4 watchdog.identity=bcm watchdog.timeout=15s watchdog.bit=false\r\nsyncbox-7q2k> lang en\r\n"

// good is a board, and a person, of which every check is ok.
func good() *answers {
	return &answers{
		prompt: "syncbox-7q2k> ",
		person: map[string]string{"try.code": "CODE", "try.light-seen": "y", "try.stages-seen": "oui", "try.power": ""},
		board: map[string]string{
			"": "", "quitter": "", "lang en": "", "status": "north\r\n  Service  Running\r\n", "CODE": "You are logged on. Type help for all commands.\r\n",
			"network":    "  Network card   eth0 - cable in\r\n  Addresses      192.0.2.7/24\r\n",
			"test-share": "Testing north...\r\nThe share and the\r\n    company's folder answer.\r\n", "test-crm": "The CRM answers and takes the key.\r\n",
			"test-light": "  Done.\r\n", "test-button": "The button works.\r\n", "reboot": "The box starts again.\r\n" + goodBoot,
		},
		told: map[string]string{
			"try.stages": "time=x level=INFO msg=event code=button-cancelled\r\n",
			"try.press":  "time=x level=INFO msg=status codes=[] usage.up=3m usage.rss_kib=20000 usage.peak_kib=21000\r\n",
		},
	}
}

// try gives the results by name.
func try(t *testing.T, a *answers) map[string]result {
	t.Helper()
	all := map[string]result{}
	synctest.Test(t, func(t *testing.T) {
		p, err := locale.New("en", nil)
		if err != nil {
			t.Fatal(err)
		}
		its, mine := boardtest.Serial()
		a.line = its
		go a.serve()
		for _, r := range newTest(mine, p, a).all(t.Context()) {
			all[r.name] = r
		}
		its.Close()
		mine.Close()
	})
	return all
}

func TestGood(t *testing.T) {
	want := map[string]string{"console": "syncbox-7q2k", "status": "jobs run", "login": "", "network": "192.0.2.7/24", "share": "", "crm": "", "light": "",
		"button": "", "stages": "", "memory": "up=3m rss_kib=20000 peak_kib=21000", "restart": "slot=b seconds=0.0", "modules": "/modules.list=49 /modules-pi.list=30",
		"board": "raspberry-pi-4", "watchdog": "armed, timeout=15s", "power-cut": "by the person"}
	got := map[string]string{}
	for name, r := range try(t, good()) {
		got[name] = r.detail
		if (r.outcome == skipped) != (name == "power-cut") || r.outcome == failed {
			t.Errorf("%s is %s: %s", name, r.outcome, r.detail)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("details (-want +got):\n%s", d)
	}
}

// TestFaults breaks one thing after the other: that check must tell, and no other one.
func TestFaults(t *testing.T) {
	boot := func(old, instead string) func(*answers) {
		return func(a *answers) { a.board["reboot"] = strings.Replace(goodBoot, old, instead, 1) }
	}
	says := func(command, answer string) func(*answers) { return func(a *answers) { a.board[command] = answer } }
	sees := func(question, answer string) func(*answers) { return func(a *answers) { a.person[question] = answer } }
	tests := []struct {
		name, check, detail string
		spoil               func(*answers)
		outcome             outcome
	}{
		{"nobody runs", "status", "does not answer", says("status", "The box does not answer; it may still be starting.\r\n"), failed},
		{"not set up", "share", "not set up yet", says("test-share", "The box is not wholly set up yet.\r\n"), skipped},
		{"share away", "share", "the box says: test-share Acomba's folder is away", says("test-share", "Acomba's folder is away\r\n"), failed},
		{"CRM refuses", "crm", "the box says", says("test-crm", "The CRM refuses the key.\r\n"), failed},
		{"no cable", "network", "no cable", says("network", "  Network card   eth0 - cable out\r\n"), failed},
		{"no address", "network", "no address", says("network", "  Network card   eth0 - cable in\r\n  Addresses   -\r\n"), failed},
		{"wrong colours", "light", "the person says no", sees("try.light-seen", "n"), failed},
		{"no light", "light", "no light", says("test-light", "This box has no light.\r\n"), failed},
		{"dead button", "button", "no press came", says("test-button", "No press came: check the button or its wire.\r\n"), failed},
		{"let go early", "stages", "too early", func(a *answers) { a.told["try.stages"] = "msg=event code=device-restart\r\n" }, failed},
		{"counted wrongly", "stages", "the person says no", sees("try.stages-seen", "non"), failed},
		{"silent button", "memory", "context deadline exceeded", func(a *answers) { a.told["try.press"] = "" }, failed},
		{"one module", "modules", "48 of 49", boot("count=49", "count=48"), failed},
		{"unknown board", "board", "takes this for unknown", boot("raspberry-pi-4", "unknown"), failed},
		{"broken part", "board", "is broken", boot("AB: slot b", "msg=hardware code=light-broken\r\nAB: slot b"), failed},
		{"no watchdog", "watchdog", "has none", boot("watchdog.timeout=15s", ""), failed},
		{"never up", "restart", "context deadline exceeded", says("reboot", ""), failed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := good()
			tt.spoil(a)
			results := try(t, a)
			for name, r := range results {
				follows := tt.check == "restart" && (name == "modules" || name == "board" || name == "watchdog") && r.outcome == skipped
				if name == tt.check {
					if r.outcome != tt.outcome || !strings.Contains(r.detail, tt.detail) {
						t.Errorf("%s is %s %q, want %s %q", name, r.outcome, r.detail, tt.outcome, tt.detail)
					}
				} else if r.outcome != passed && name != "power-cut" && !follows {
					t.Errorf("%s is %s %q too", name, r.outcome, r.detail)
				}
			}
		})
	}
}

// TestNobodyThere ends after the first check, when nobody answers on the line.
func TestNobodyThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		its, mine := boardtest.Serial()
		p, err := locale.New("fr-CA", nil)
		if err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		all := newTest(mine, p, good()).all(t.Context())
		if len(all) != 1 || all[0].outcome != failed || time.Since(begin) != forPrompt {
			t.Errorf("got %v after %s", all, time.Since(begin))
		}
		its.Close()
		mine.Close()
	})
}

func TestReport(t *testing.T) {
	var out bytes.Buffer
	err := report(&out, []result{{"console", passed, "syncbox-7q2k"}, {"light", failed, "the person says no"}, {"power-cut", skipped, "by the person"}})
	want := "board-test console ok syncbox-7q2k\nboard-test light FAILED the person says no\nboard-test power-cut skipped by the person\n" +
		"board-test checks=3 ok=1 failed=1 skipped=1\n"
	if err == nil || out.String() != want {
		t.Errorf("got %v and\n%s", err, out.String())
	}
	if err := report(io.Discard, []result{{"console", passed, ""}}); err != nil {
		t.Error(err)
	}
	if err := report(io.Discard, nil); err == nil {
		t.Error("nothing was tried, and that is no error")
	}
}

// TestEnded: what is left out after Ctrl-C is not told as if it had been tried.
func TestEnded(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	its, mine := boardtest.Serial()
	defer its.Close()
	defer mine.Close()
	if all := newTest(mine, nil, good()).all(ctx); len(all) != 0 {
		t.Errorf("got %v", all)
	}
	if !errors.Is(skip("x"), errSkip) || skip("x").Error() != "x" {
		t.Error("a skip does not say why")
	}
}
