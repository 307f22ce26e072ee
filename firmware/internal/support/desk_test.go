package support_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/firmware/internal/health"
	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/support"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/update"
)

// TestOps: each order does what it says, once, and says how it ended.
//
// Requirement: ACO-71
func TestOps(t *testing.T) {
	path := `{"set":[{"key":"job.acomba.share.folder","value":"Compta2"}]}`
	server := `{"set":[{"key":"job.acomba.share.server","value":"srv2"}]}`
	rows := []struct {
		op   order.Op
		args string
		role order.Role
		did  string // empty = nothing
		acks string
	}{
		{order.Identify, ``, "", "identify", "succeeded"},
		{order.Diag, ``, "", "", "succeeded"},
		{order.Journal, `{"limit":5}`, "", "", "succeeded"},
		{order.Sync, ``, "", "force ", "succeeded"},
		{order.Sync, `{"job":"north"}`, "", "force north", "succeeded"},
		{order.Start, `{"job":"north"}`, "", "start north", "succeeded"},
		{order.Stop, `{"job":"north"}`, "", "stop north", "succeeded"},
		{order.Resync, `{"level":1}`, "", "resync-1 ", "succeeded"},
		{order.Resync, `{"level":2}`, "", "resync-2 ", "succeeded"},
		{order.Config, path, "", "config [job.acomba.share.folder]", "succeeded"},
		{order.Config, server, order.Danger, "config [vouched job.acomba.share.server]", "succeeded"},
		{order.Config, `{"set":[{"key":"job.acomba.crm_key","value":"x"}]}`, order.Danger, "", "rejected bad-args"},
		{order.Config, `{"set":[{"key":"box.name","value":"x"}]}`, order.Danger, "", "rejected bad-args"},
		{order.Config, `{"set":[]}`, order.Danger, "", "rejected bad-args"},
		{order.Update, ``, "", "update", "succeeded"},
		{order.Renew, ``, "", "renew", "succeeded"},
		{order.Reboot, ``, "", "restart", "rebooting"},
		{order.Reset, `{"level":"app"}`, "", "restart", "rebooting"},
		{order.Reset, `{"level":"network"}`, "", "reset-network", "succeeded"},
		{order.Reset, `{"level":"full"}`, "", "reset-full", "rebooting"},
		{order.Reset, `{"level":"everything"}`, order.Danger, "", "rejected bad-args"},
		{order.Cancel, ``, "", "cancel", "succeeded"},
		{order.Cancel, `{"id":"01JD9F2M4Q9999999999999999"}`, "", "", "rejected bad-args"},
		{order.Sync, `["north"]`, "", "", "rejected bad-args"},
		{order.Keys, ``, "", "", "rejected unknown-op"},
	}
	for _, row := range rows {
		t.Run(string(row.op)+row.args, func(t *testing.T) {
			w := newWorld(t)
			w.take(w.issue(row.op, row.args, func(o *order.Order) { o.Role = row.role }))
			first := w.acks()
			w.work()
			w.work() // nothing is left
			if got := strings.Join(w.did, ","); got != row.did {
				t.Errorf("did %q, want %q", got, row.did)
			}
			got := append(first, w.acks()...)
			if want := row.acks; got[len(got)-1] != want || want != "rejected unknown-op" && got[0] != "accepted" {
				t.Errorf("told %q, want accepted first, %q last", got, want)
			}
		})
	}
}

// TestRefusals: one row for each check of an order; nothing is done, and nothing but the answer is kept.
func TestRefusals(t *testing.T) {
	pad := func(b []byte) []byte { return append(b, strings.Repeat(" ", 4097-len(b))...) }
	swap := func(b []byte, old, new string) []byte { return []byte(strings.Replace(string(b), old, new, 1)) }
	late := func(o *order.Order) { o.Issued -= 900; o.NotBefore -= 900; o.Expires = o.Issued + 60 }
	tests := []struct {
		name     string
		envelope func(w *world) []byte
		ack      string // empty: nobody is known to whom it could be told
		security string
	}{
		{"too big", func(w *world) []byte { return pad(w.issue(order.Sync, ``)) }, "", "order-too-big"},
		{"no JSON", func(*world) []byte { return []byte("reset please") }, "", "order-bad-envelope"},
		{"truncated", func(w *world) []byte { b := w.issue(order.Sync, ``); return b[:len(b)/2] }, "", "order-bad-envelope"},
		{"empty", func(*world) []byte { return nil }, "", "order-bad-envelope"},
		{"other type", func(w *world) []byte { return swap(w.issue(order.Sync, ``), "syncbox.order", "syncbox.other") }, "", "order-bad-envelope"},
		{"one key for two", func(w *world) []byte {
			return w.sign(order.Order{ID: id(9), To: "box:0001", Op: order.Reset, Args: json.RawMessage(`{"level":"full"}`), Issued: start.Unix(),
				NotBefore: start.Unix(), Expires: start.Unix() + 60, Seq: start.UnixMilli()}, 4)
		}, "", "order-bad-signature"},
		{"support wants resync 2", func(w *world) []byte {
			return w.sign(order.Order{ID: id(9), To: "box:0001", Op: order.Resync, Args: json.RawMessage(`{"level":2}`), Issued: start.Unix(),
				NotBefore: start.Unix(), Expires: start.Unix() + 60, Seq: start.UnixMilli()}, 1)
		}, "", "order-bad-signature"},
		{"support names a new server", func(w *world) []byte {
			return w.issue(order.Config, `{"set":[{"key":"job.acomba.share.server","value":"evil"}]}`)
		}, "", "order-bad-signature"},
		{"support names a name server", func(w *world) []byte {
			return w.issue(order.Config, `{"set":[{"key":"network.dns","value":"192.0.2.1"}]}`)
		}, "", "order-bad-signature"},
		{"a stranger", func(w *world) []byte {
			return w.sign(order.Order{ID: id(9), To: "box:0001", Op: order.Sync, Issued: start.Unix(), NotBefore: start.Unix(),
				Expires: start.Unix() + 60, Seq: 1}, 7)
		}, "", "order-bad-signature"},
		{"no root to check it by", func(w *world) []byte { w.rootless = true; return w.issue(order.Sync, ``) }, "", "order-bad-signature"},
		{"unknown op", func(w *world) []byte { return w.seal(`"op":"explode"`) }, "rejected unknown-op", ""},
		{"another box", func(w *world) []byte { return w.issue(order.Sync, ``, func(o *order.Order) { o.To = "box:0002" }) }, "rejected not-me", ""},
		{"another group", func(w *world) []byte { return w.issue(order.Sync, ``, func(o *order.Order) { o.To = "grp:eu-1" }) }, "rejected not-me", ""},
		{"expired", func(w *world) []byte { return w.issue(order.Sync, ``, late) }, "expired expired", ""},
		{"early", func(w *world) []byte { return w.issue(order.Sync, ``, func(o *order.Order) { o.NotBefore += 60 }) }, "rejected not-yet", ""},
		{"reboot without the time", func(w *world) []byte { w.known = false; return w.issue(order.Reboot, ``) }, "rejected clock-untrusted", ""},
		{"replayed", func(w *world) []byte {
			w.take(w.issue(order.Sync, `{"job":"x"}`, func(o *order.Order) { o.Seq += 1000 }))
			w.work()
			w.did, w.wishes.took = nil, nil
			w.sent()
			return w.issue(order.Sync, ``)
		}, "rejected replayed", ""},
		{"arguments of a downgrade", func(w *world) []byte { return w.seal(`"op":"downgrade","args":{"target":"x"}`) }, "rejected bad-args", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t)
			envelope := tt.envelope(w)
			w.take(envelope)
			w.work()
			if len(w.did)+len(w.wishes.took) > 0 {
				t.Errorf("did %q", w.did)
			}
			ack, security := "", ""
			for _, m := range w.sent() {
				var a wire.Ack
				var e wire.Event
				if m.Ack != "" {
					json.Unmarshal(m.Payload, &a)
					ack += string(a.Phase) + " " + a.Code
				} else {
					json.Unmarshal(m.Payload, &e)
					security += e.Code
				}
			}
			if ack != tt.ack || security != tt.security {
				t.Errorf("told %q and %q, want %q and %q", ack, security, tt.ack, tt.security)
			}
			w.take(envelope)
			w.boot()
			w.take(envelope)
			w.work()
			if len(w.did) > 0 {
				t.Errorf("delivered again it did %q", w.did)
			}
		})
	}
}

// seal signs a payload that Sign would not, in every role.
func (w *world) seal(what string) []byte {
	w.t.Helper()
	payload := fmt.Sprintf(`{"v":1,"id":%q,"to":"box:0001",%s,"iat":%d,"nbf":%d,"exp":%d,"seq":%d,"role":"danger"}`, id(99), what,
		start.Unix(), start.Unix(), start.Unix()+60, start.UnixMilli())
	type signature struct {
		Sig []byte `json:"sig"`
	}
	pae := fmt.Sprintf("DSSEv1 %d %s %d %s", len(order.PayloadType), order.PayloadType, len(payload), payload)
	var all []signature
	for _, n := range []byte{1, 3, 4, 5} {
		all = append(all, signature{ed25519.Sign(key(n), []byte(pae))})
	}
	b, err := json.Marshal(map[string]any{"payloadType": order.PayloadType, "payload": []byte(payload), "signatures": all})
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

// TestDeliveredAgain: the broker may deliver as often as it likes, before and after a restart and past the order's time.
func TestDeliveredAgain(t *testing.T) {
	w := newWorld(t)
	envelope := w.issue(order.Config, `{"set":[{"key":"box.language","value":"en"}]}`)
	w.take(envelope)
	w.work()
	w.sent()
	for i := range 6 {
		if i == 3 {
			w.boot()
		}
		if i == 5 {
			w.now = w.now.Add(time.Hour)
		}
		w.take(envelope)
		w.work()
		if got := w.acks(); !slices.Equal(got, []string{"succeeded"}) {
			t.Errorf("delivery %d: told %q, want the outcome again", i+2, got)
		}
	}
	if len(w.did) != 1 {
		t.Errorf("did %q", w.did)
	}
}

// TestMemoryFails: without a memory nothing is taken, so that the broker keeps it.
func TestMemoryFails(t *testing.T) {
	w := newWorld(t)
	envelope := w.issue(order.Sync, ``)
	w.file.broken = errors.New("no space")
	if err := w.desk.Take(envelope); err == nil {
		t.Fatal("taken")
	}
	w.file.broken = nil
	w.work()
	if len(w.did) > 0 {
		t.Fatalf("did %q", w.did)
	}
	w.take(envelope)
	w.work()
	if got := w.acks(); !slices.Contains(got, "succeeded") {
		t.Errorf("told %q", got)
	}
}

// TestTimeIsOver: what waits, since the box was off, is not done late.
func TestTimeIsOver(t *testing.T) {
	for name, row := range map[string]struct {
		op    order.Op
		later time.Duration
		known bool
		want  string
	}{
		"after a month":              {order.Sync, 30 * 24 * time.Hour, true, "expired expired"},
		"a second late":              {order.Reboot, 601 * time.Second, true, "expired expired"},
		"in time":                    {order.Reboot, 600 * time.Second, true, "rebooting"},
		"a restart without the time": {order.Reboot, time.Second, false, "accepted clock-untrusted"},
		"a stop without the time":    {order.Stop, time.Second, false, "accepted clock-untrusted"},
		"a start without the time":   {order.Start, time.Second, false, "accepted clock-untrusted"},
		"a sync without the time":    {order.Sync, time.Second, false, "succeeded"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(w.issue(row.op, ``))
			w.acks()
			w.now, w.known = w.now.Add(row.later), row.known
			w.boot()
			w.work()
			if got := w.acks(); !slices.Equal(got, []string{row.want}) {
				t.Errorf("told %q, want %q", got, row.want)
			}
			if done := len(w.did) > 0; done != (row.want == "rebooting" || row.want == "succeeded") {
				t.Errorf("did %q", w.did)
			}
		})
	}
}

// TestHeld: an order that was taken, and not begun before the power went, waits until the box knows the time, or until it is
// certain to be over; support hears once what it waits for, and nothing else waits for it.
func TestHeld(t *testing.T) {
	for name, row := range map[string]struct {
		args  string // of a config; empty for a restart
		after time.Duration
		known bool
		did   string
		told  []string
	}{
		"the time is known in time":       {"", 601 * time.Second, true, "force north,restart", []string{"rebooting"}},
		"the same, of settings":           {`{"set":[{"key":"box.language","value":"en"}]}`, 601 * time.Second, true, "force north,config [box.language]", []string{"succeeded"}},
		"the time is known too late":      {"", 602 * time.Second, true, "force north", []string{"expired expired"}},
		"never known, and certainly over": {"", 602 * time.Second, false, "force north", []string{"expired expired"}},
		"never known, and perhaps over":   {"", 601 * time.Second, false, "force north", nil},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.now = w.now.Add(time.Second) // after what is certain to be over
			op := order.Reboot
			if row.args != "" {
				op = order.Config
			}
			w.take(w.issue(op, row.args))
			w.take(w.issue(order.Sync, `{"job":"north"}`))
			w.acks()
			w.known = false
			for range 3 { // it starts again and again
				w.boot()
				w.starts()
				w.work()
				w.work()
			}
			if got, want := w.acks(), []string{"accepted clock-untrusted", "succeeded"}; !slices.Equal(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
			w.known, w.sure = row.known, start.Add(row.after)
			w.now = w.sure
			w.work()
			w.work()
			if got := strings.Join(w.did, ","); got != row.did {
				t.Errorf("did %q, want %q", got, row.did)
			}
			if got := w.acks(); !slices.Equal(got, row.told) {
				t.Errorf("told %q, want %q", got, row.told)
			}
		})
	}
}

// TestHeldTakenBack: what waits for the time can be taken back meanwhile.
func TestHeldTakenBack(t *testing.T) {
	w := newWorld(t)
	w.take(w.issue(order.Stop, ``))
	w.known = false
	w.boot()
	w.work()
	w.acks()
	w.take(w.issue(order.Cancel, `{"id":"`+id(1)+`"}`))
	w.work()
	w.known = true
	w.work()
	if got, want := w.acks(), []string{"superseded", "succeeded"}; !slices.Equal(got, want) || len(w.did) > 0 {
		t.Errorf("told %q, want %q; did %q", got, want, w.did)
	}
}

func TestTakenBack(t *testing.T) {
	w := newWorld(t)
	w.take(w.issue(order.Reboot, ``))
	w.take(w.issue(order.Cancel, `{"id":"`+id(1)+`"}`))
	w.work()
	if len(w.did) > 0 {
		t.Errorf("did %q", w.did)
	}
	if got, want := w.acks(), []string{"superseded", "succeeded"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// TestResetEndsWhatWaits: what was asked of the box before a full reset is not done to the one after it.
func TestResetEndsWhatWaits(t *testing.T) {
	w := newWorld(t)
	w.take(w.issue(order.Reset, `{"level":"full"}`))
	sync := w.issue(order.Sync, `{"job":"north"}`)
	w.take(sync)
	w.work()
	w.acks()
	w.boot()
	w.starts()
	w.take(sync)
	w.work()
	if got := strings.Join(w.did, ","); got != "reset-full" {
		t.Errorf("did %q", got)
	}
	if got, want := w.acks(), []string{"succeeded", "superseded", "superseded"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q: the last since it came again", got, want)
	}
	w.take(w.issue(order.Sync, ``))
	w.work()
	w.starts() // a start takes it up once
	if got, want := w.acks(), []string{"succeeded"}; !slices.Equal(got, want) {
		t.Errorf("told %q after it, want %q", got, want)
	}
}

// TestMemoryWasLost: who took out the memory can't have old orders done again.
func TestMemoryWasLost(t *testing.T) {
	w := newWorld(t)
	reset := w.issue(order.Reset, `{"level":"full"}`)
	stop := w.issue(order.Stop, ``)
	w.forget()
	w.known = false
	w.take(stop)
	w.now, w.known = w.now.Add(time.Second), true
	w.take(reset)
	w.take(stop)
	w.work()
	if len(w.did) > 0 {
		t.Errorf("did %q", w.did)
	}
	w.now = w.now.Add(time.Second)
	w.take(w.issue(order.Sync, ``))
	w.work()
	if got := strings.Join(w.did, ","); got != "force " {
		t.Errorf("did %q of an order that is newer", got)
	}
}

// TestWish: a wish goes to the updater, and how it ends is told as that of any order.
func TestWish(t *testing.T) {
	target := strings.Repeat("01", 32)
	args := `{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"` + target + `","bytes":1000,"groups":["eu-1","#","a/b"],"reconnect_spread_s":7}`
	for _, op := range []order.Op{order.Desired, order.Downgrade} {
		t.Run(string(op), func(t *testing.T) {
			w := newWorld(t)
			envelope := w.issue(op, args)
			if op == order.Desired {
				for range 3 { // it is retained
					if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
						t.Fatal(err)
					}
				}
			} else {
				w.take(envelope)
				w.take(envelope)
			}
			w.work()
			w.boot()
			w.work()
			if !slices.Equal(w.wishes.took, []string{id(1)}) || len(w.did) > 0 {
				t.Errorf("the updater took %q, done was %q", w.wishes.took, w.did)
			}
			w.acks()
			for _, e := range []update.Event{
				{Phase: update.PhaseRunning, Done: 1, Of: 100}, {Phase: update.PhaseRunning, Done: 2, Of: 100}, {Phase: update.PhaseRunning, Done: 50, Of: 100},
				{Phase: update.PhaseRejected, Code: update.Code(order.Expired)}, // delivered once more
				{Phase: update.PhaseRolledBack, Code: update.Crashed}, {Phase: update.PhaseRolledBack, Code: update.Crashed},
			} {
				e.Wish = id(1)
				if err := w.desk.Updated(e); err != nil {
					t.Fatal(err)
				}
			}
			if got, want := w.acks(), []string{"rolled_back trial-crashed"}; !slices.Equal(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
			if s := w.store.Standing(); op == order.Desired && (!slices.Equal(s.Groups, []string{"eu-1"}) || s.Spread != 7*time.Second) {
				t.Errorf("got %+v", s)
			}
		})
	}
}

// TestUpdateEvent: how a new version went is told to who does not know the order, too; it may have come by stick.
func TestUpdateEvent(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		err := w.desk.Updated(update.Event{Wish: id(1), Phase: update.PhaseSucceeded, Version: bundle.Version{Major: 1, Minor: 4}})
		if err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, m := range w.sent() {
		got = append(got, m.Topic)
		if m.Ack == "" && string(m.Payload) != fmt.Sprintf(`{"code":"update-done","detail":{"version":"1.4.0"},"ts":%d,"session":0}`, start.Unix()) {
			t.Errorf("told %s", m.Payload)
		}
	}
	if want := []string{"sb/v1/0001/evt/update", "sb/v1/0001/ack/" + id(1)}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// TestWishRefused: what the updater does not take is told, and changes nothing of the channel.
func TestWishRefused(t *testing.T) {
	w := newWorld(t)
	w.wishes.refuse = update.Unselected
	envelope := w.issue(order.Desired, `{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"`+strings.Repeat("01", 32)+`","bytes":1000,"groups":["eu-1"]}`)
	for range 2 {
		if err := w.desk.TakeWish(t.Context(), envelope); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := w.acks(), []string{"rejected update-unselected"}; !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
	if s := w.store.Standing(); len(s.Groups) > 0 || s.Issued != 0 {
		t.Errorf("got %+v", s)
	}
	w.wishes.err = errors.New("no space")
	if err := w.desk.TakeWish(t.Context(), envelope); err == nil {
		t.Error("the broker would forget a wish that is not kept")
	}
}

func TestEveryPhaseHasWords(t *testing.T) {
	for _, tag := range locale.Languages {
		p, err := locale.New(tag.String(), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, phase := range wire.Phases {
			if !p.Has("support.phase-" + string(phase)) {
				t.Errorf("%s: no words for %s", tag, phase)
			}
		}
	}
}

func TestEveryCodeOfTheChannelIsKnown(t *testing.T) {
	for _, code := range []string{support.CodeInterrupted, support.CodeUnreachable, support.CodeRefused, support.CodeOutbox, support.CodeFrozen, support.CodeRecord} {
		if _, known := health.Lookup(code); !known {
			t.Errorf("%s is not in the list", code)
		}
	}
}

func TestExplained(t *testing.T) {
	w := newWorld(t)
	w.take(w.issue(order.Sync, ``, func(o *order.Order) { o.NotBefore += 60 }))
	got := w.ackList()[0]
	want := wire.Ack{ID: id(1), Phase: wire.Rejected, Code: "not-yet", TS: start.Unix(),
		Explain: "The box does not take the order. The order's time has not come yet. Nothing to do on site: support sees it."}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// TestRestartThatDoesNotCome: orders wait for the restart that was asked for, and not for ever.
func TestRestartThatDoesNotCome(t *testing.T) {
	for name, asked := range map[string]struct {
		op   order.Op
		args string
	}{"reboot": {order.Reboot, ``}, "reset": {order.Reset, `{"level":"full"}`}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(w.issue(asked.op, asked.args))
			w.work()
			did := len(w.did)
			w.take(w.issue(order.Sync, `{"job":"north"}`))
			w.take(w.issue(order.Sync, `{"job":"south"}`, func(o *order.Order) { o.Expires = o.Issued + 60 }))
			w.now = w.now.Add(4 * time.Minute)
			w.work()
			if len(w.did) != did {
				t.Fatalf("did %q before the restart", w.did)
			}
			w.now = w.now.Add(time.Minute)
			w.sent()
			w.work()
			if got, told := w.did[did:], w.acks(); !slices.Equal(got, []string{"force north"}) || !slices.Equal(told, []string{"succeeded", "expired expired"}) {
				t.Errorf("did %q, told %q", got, told)
			}
			w.boot() // it comes at last, and is told as what it was asked for
			w.starts()
			w.work()
			if got := w.acks(); !slices.Equal(got, []string{"succeeded"}) {
				t.Errorf("told %q after the restart", got)
			}
		})
	}
}
