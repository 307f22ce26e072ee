package order_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

func TestVerify(t *testing.T) {
	want := plain(order.Desired)
	want.V, want.Role = 1, order.Fleet
	got, err := order.Verify(sign(t, plain(order.Desired), 3), ring(), box())
	if err != nil {
		t.Fatal(err)
	}
	got.Args = nil
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
	if got := got.Target.Board(); got != "arm64" {
		t.Errorf("board: got %q", got)
	}
}

// The form that others see: it must not change.
func TestForm(t *testing.T) {
	payload := `{"v":1,"id":"01JD9F2M4Q0000000000000000","to":"grp:eu-1","op":"desired","args":{"target":"1.4.0/arm64/full",` +
		`"version":"1.4.0","sha256":"` + strings.Repeat("01", 32) + `","bytes":1000,"when":"now","spread_s":5,"new":1},` +
		`"iat":1795338000,"nbf":1795338000,"exp":1795424400,"seq":1795338000000,"role":"fleet","later":{}}`
	o, err := order.Verify(seal(t, payload, 3), ring(), box())
	if err != nil {
		t.Fatal(err)
	}
	want := order.Target{
		Name: "1.4.0/arm64/full", Version: bundle.Version{Major: 1, Minor: 4}, SHA256: bundle.Digest(bytes.Repeat([]byte{1}, 32)),
		Bytes: 1000, When: order.Now, Spread: 5,
	}
	if d := cmp.Diff(&want, o.Target); d != "" {
		t.Errorf("target (-want +got):\n%s", d)
	}
	if o.Seq != 1795338000000 || o.Expires-o.Issued != 86400 {
		t.Errorf("got %+v", o)
	}
}

func TestTimes(t *testing.T) {
	const week = 7 * 86400
	tests := []struct {
		name          string
		op            order.Op
		iat, nbf, exp int64 // seconds from now
		untrusted     bool
		code          order.Code
	}{
		{"in time", order.Sync, -10, -10, 10, false, ""},
		{"at its first second", order.Sync, 0, 0, 10, false, ""},
		{"at its last second", order.Sync, -10, -10, 0, false, ""},
		{"one second late", order.Sync, -10, -10, -1, false, order.Expired},
		{"one second early", order.Sync, -10, 1, 10, false, order.NotYet},
		{"issued a moment ahead", order.Sync, 300, -10, 600, false, ""},
		{"issued later than now", order.Sync, 301, -10, 600, false, order.NotYet},
		{"a reboot that was issued next year", order.Reboot, 52 * week, -10, 52*week + 10, false, order.NotYet},
		{"a week", order.Sync, -10, -10, week - 10, false, ""},
		{"more than a week", order.Sync, -10, -10, week - 9, false, order.Expired},
		{"a quarter of an hour for a reboot", order.Reboot, -10, -10, 890, false, ""},
		{"more than that", order.Reboot, -10, -10, 891, false, order.Expired},
		{"clock not trusted", order.Sync, -10, -10, 10, true, ""},
		{"clock not trusted, over for certain", order.Sync, -10, -10, -1, true, order.Expired},
		{"clock not trusted, seems early", order.Sync, week * 52, week * 52, week*52 + 10, true, ""},
		{"clock not trusted, issued years ahead", order.Sync, 105 * week, 105 * week, 105*week + 10, true, order.ClockUntrusted},
		{"clock not trusted, reboot", order.Reboot, -10, -10, 10, true, order.ClockUntrusted},
		{"clock not trusted, reset", order.Reset, -10, -10, 10, true, order.ClockUntrusted},
		{"clock not trusted, reboot that is over", order.Reboot, -10, -10, -1, true, order.ClockUntrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := plain(tt.op)
			o.V, o.Role = 1, order.Ops
			o.Issued, o.NotBefore, o.Expires = now.Unix()+tt.iat, now.Unix()+tt.nbf, now.Unix()+tt.exp
			o.Seq = max(o.Issued, now.Unix()) * 1000
			if tt.op == order.Reset {
				o.Args = json.RawMessage(`{"level":"app"}`)
			}
			payload, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			b := box()
			b.ClockTrusted = !tt.untrusted
			_, err = order.Verify(seal(t, string(payload), 1), ring(), b)
			refused(t, err, tt.code)
		})
	}
}

// TestNeverLate: a box that doesn't know the time takes no order that could hurt if it came late, however it was signed, and
// all others, which are harmless then.
func TestNeverLate(t *testing.T) {
	moving := args(order.Config, `{"server":1}`)
	moving.Role = order.Danger
	for name, tt := range map[string]struct {
		o    order.Order
		by   []byte
		code order.Code
	}{
		"restart":                              {plain(order.Reboot), []byte{1}, order.ClockUntrusted},
		"reset of the application":             {args(order.Reset, `{"level":"app"}`), []byte{1}, order.ClockUntrusted},
		"full reset":                           {args(order.Reset, `{"level":"full"}`), []byte{4, 5}, order.ClockUntrusted},
		"stop":                                 {plain(order.Stop), []byte{1}, order.ClockUntrusted},
		"start":                                {plain(order.Start), []byte{1}, order.ClockUntrusted},
		"settings, and by one key":             {args(order.Config, `{}`), []byte{1}, order.ClockUntrusted},
		"settings of a server":                 {moving, []byte{4, 5}, order.ClockUntrusted},
		"who belongs to whom anew":             {args(order.Resync, `{"level":2}`), []byte{4, 5}, order.ClockUntrusted},
		"an older release":                     {plain(order.Downgrade), []byte{4, 5}, order.ClockUntrusted},
		"other keys":                           {plain(order.Keys), []byte{4, 5}, order.ClockUntrusted},
		"harmless: a sync":                     {plain(order.Sync), []byte{1}, ""},
		"harmless: all compared again":         {args(order.Resync, `{"level":1}`), []byte{1}, ""},
		"harmless: the light":                  {plain(order.Identify), []byte{1}, ""},
		"harmless: a diagnosis":                {plain(order.Diag), []byte{1}, ""},
		"harmless: the journal":                {plain(order.Journal), []byte{1}, ""},
		"harmless: another certificate":        {plain(order.Renew), []byte{1}, ""},
		"harmless: the wished version at once": {plain(order.Update), []byte{1}, ""},
		"harmless: an order taken back":        {plain(order.Cancel), []byte{1}, ""},
		"harmless: a wish, never an older one": {plain(order.Desired), []byte{3}, ""},
		"harmless: a wave":                     {plain(order.Rollout), []byte{3}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := box()
			b.MovesData = func(args json.RawMessage) bool { return string(args) != `{}` }
			for _, b.ClockTrusted = range []bool{true, false} {
				code := tt.code
				if b.ClockTrusted {
					code = ""
				}
				_, err := order.Verify(sign(t, tt.o, tt.by...), ring(), b)
				refused(t, err, code)
			}
		})
	}
}

func TestRepeated(t *testing.T) {
	o := plain(order.Sync)
	for name, tt := range map[string]struct {
		seq   map[order.Role]int64
		known string
		code  order.Code
	}{
		"first":                 {nil, "", ""},
		"newer":                 {map[order.Role]int64{order.Ops: o.Seq - 1}, "", ""},
		"as new as another":     {map[order.Role]int64{order.Ops: o.Seq}, "", order.Replayed},
		"older":                 {map[order.Role]int64{order.Ops: o.Seq + 1}, "", order.Replayed},
		"newer ones of others":  {map[order.Role]int64{order.Fleet: o.Seq + 1, order.Danger: o.Seq + 1}, "", ""},
		"delivered again":       {map[order.Role]int64{order.Ops: o.Seq}, o.ID, order.Known},
		"delivered again, late": {map[order.Role]int64{order.Ops: o.Seq + 5}, o.ID, order.Known},
		"another one is known":  {nil, "01JD9F2M4Q0000000000000001", ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := box()
			b.Seq, b.Known = tt.seq, func(id string) bool { return id == tt.known }
			_, err := order.Verify(sign(t, o, 1), ring(), b)
			refused(t, err, tt.code)
		})
	}
}

// Whatever comes in: no panic, nothing on standard output's account, and no order that was not signed.
func FuzzVerify(f *testing.F) {
	good := sign(f, plain(order.Downgrade), 4, 5)
	f.Add(good)
	f.Add(sign(f, plain(order.Desired), 3))
	f.Add(sign(f, plain(order.Reboot), 1))
	f.Add(seal(f, `{"v":1,"op":"reset"}`, 1))
	f.Add([]byte(`{"payloadType":"` + order.PayloadType + `","payload":"e30=","signatures":[{"sig":""},{"sig":"e30="}]}`))
	f.Add([]byte("null"))
	f.Fuzz(func(t *testing.T, envelope []byte) {
		if o, err := order.Verify(envelope, ring(), box()); err == nil && !strings.Contains("downgrade desired reboot", string(o.Op)) {
			t.Errorf("accepted %+v", o)
		}
		order.Peek(envelope)
	})
}
