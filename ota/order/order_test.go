package order_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/bundle"
	"syncbox/ota/order"
)

// key gives a private key out of a number.
func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

func public(numbers ...byte) (all []ed25519.PublicKey) {
	for _, n := range numbers {
		all = append(all, key(n).Public().(ed25519.PublicKey))
	}
	return all
}

// ring: 1 and 2 are support, 3 the fleet, 4 to 6 may do what can't be taken back.
func ring() order.Keyring {
	return order.Keyring{
		order.Ops:    {Threshold: 1, Public: public(1, 2)},
		order.Fleet:  {Threshold: 1, Public: public(3)},
		order.Danger: {Threshold: 2, Public: public(4, 5, 6)},
	}
}

var now = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

func box() order.Box {
	return order.Box{Name: "0001", Groups: []string{"eu-1", "all"}, Now: now, ClockTrusted: true}
}

func target() *order.Target {
	return &order.Target{
		Name: "1.4.0/arm64/full", Version: bundle.Version{Major: 1, Minor: 4}, SHA256: bundle.Digest{1}, Bytes: 96 << 20, Spread: 60,
	}
}

// plain gives an order that is fine but for its op.
func plain(op order.Op) order.Order {
	o := order.Order{
		ID: "01JD9F2M4Q0000000000000000", To: "box:0001", Op: op,
		Issued: now.Unix() - 60, NotBefore: now.Unix() - 60, Expires: now.Unix() + 600, Seq: now.UnixMilli(),
	}
	switch op {
	case order.Desired, order.Downgrade:
		o.Target = target()
	case order.Rollout:
		o.To, o.Target, o.Wave = "grp:eu-1", target(), &order.Wave{Percent: 10, Salt: "spring"}
	}
	return o
}

func args(op order.Op, args string) order.Order {
	o := plain(op)
	o.Args = json.RawMessage(args)
	return o
}

func signers(t testing.TB, numbers ...byte) (all []order.Signer) {
	t.Helper()
	for _, n := range numbers {
		s, err := order.KeySigner(key(n))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func sign(t testing.TB, o order.Order, by ...byte) []byte {
	t.Helper()
	b, err := order.Sign(t.Context(), o, signers(t, by...)...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// seal signs any payload, as Sign would not.
func seal(t testing.TB, payload string, by ...byte) []byte {
	t.Helper()
	return sealAs(t, order.PayloadType, payload, by...)
}

func sealAs(t testing.TB, kind, payload string, by ...byte) []byte {
	t.Helper()
	type signature struct {
		KeyID string `json:"keyid"`
		Sig   []byte `json:"sig"`
	}
	e := struct {
		PayloadType string      `json:"payloadType"`
		Payload     []byte      `json:"payload"`
		Signatures  []signature `json:"signatures"`
	}{PayloadType: kind, Payload: []byte(payload)}
	pae := fmt.Sprintf("DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
	for _, n := range by {
		e.Signatures = append(e.Signatures, signature{"whatever", ed25519.Sign(key(n), []byte(pae))})
	}
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refused holds an error against a code; no code is no error.
func refused(t *testing.T, err error, code order.Code) {
	t.Helper()
	var r *order.Refusal
	errors.As(err, &r)
	switch {
	case code == "" && err != nil:
		t.Errorf("got %v, want none", err)
	case code != "" && (r == nil || r.Code != code):
		t.Errorf("got error %v, want one of code %s", err, code)
	}
}

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

func TestWhoMaySign(t *testing.T) {
	tests := []struct {
		order order.Order
		role  order.Role
	}{
		{plain(order.Identify), order.Ops}, {plain(order.Diag), order.Ops}, {plain(order.Journal), order.Ops},
		{plain(order.Sync), order.Ops}, {plain(order.Start), order.Ops}, {plain(order.Stop), order.Ops},
		{plain(order.Update), order.Ops}, {plain(order.Renew), order.Ops}, {plain(order.Reboot), order.Ops},
		{plain(order.Cancel), order.Ops},
		{args(order.Resync, `{"level":1}`), order.Ops},
		{args(order.Resync, `{"level":2}`), order.Danger},
		{args(order.Resync, `{"level":1.0}`), order.Danger},
		{args(order.Resync, `{}`), order.Danger},
		{plain(order.Resync), order.Danger},
		{args(order.Reset, `{"level":"app"}`), order.Ops},
		{args(order.Reset, `{"level":"network"}`), order.Ops},
		{args(order.Reset, `{"level":"full"}`), order.Danger},
		{args(order.Reset, `{"level":"FULL"}`), order.Danger},
		{args(order.Reset, `["app"]`), order.Danger},
		{args(order.Config, `{"harmless":true}`), order.Ops},
		{args(order.Config, `{"server":"x"}`), order.Danger},
		{plain(order.Desired), order.Fleet},
		{plain(order.Rollout), order.Fleet},
		{plain(order.Downgrade), order.Danger},
		{plain(order.Keys), order.Danger},
	}
	who := map[string][]byte{"support": {1}, "both of support": {1, 2}, "fleet": {3}, "one": {4}, "the same twice": {5, 5}, "two": {4, 6},
		"three": {4, 5, 6}, "one and support": {1, 4}, "stranger": {7}, "two strangers": {7, 8}, "all": {1, 3, 4, 5}, "nobody": nil}
	may := map[order.Role]map[string]bool{
		order.Ops:    {"support": true, "both of support": true, "one and support": true, "all": true},
		order.Fleet:  {"fleet": true, "all": true},
		order.Danger: {"two": true, "three": true, "all": true},
	}
	b := box()
	b.MovesData = func(args json.RawMessage) bool { return !strings.Contains(string(args), "harmless") }
	for _, tt := range tests {
		o := tt.order
		o.V, o.Role = 1, tt.role
		if o.Target != nil {
			o.Args, _ = json.Marshal(struct {
				*order.Target
				*order.Wave
			}{o.Target, o.Wave})
		}
		payload, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		for name, by := range who {
			t.Run(fmt.Sprintf("%s %s by %s", o.Op, o.Args, name), func(t *testing.T) {
				_, err := order.Verify(seal(t, string(payload), by...), ring(), b)
				code := order.BadSignature
				if may[tt.role][name] {
					code = ""
				}
				refused(t, err, code)
			})
		}
	}
}

// Without somebody who looks at it, a config counts as one that names a new server.
func TestConfigUnseen(t *testing.T) {
	o := args(order.Config, `{"harmless":true}`)
	_, err := order.Verify(sign(t, o, 1), ring(), box())
	refused(t, err, order.BadSignature)
	o.Role = order.Danger
	_, err = order.Verify(sign(t, o, 4, 5), ring(), box())
	refused(t, err, "")
}

func TestRefusals(t *testing.T) {
	replace := func(old, new string) string {
		o := plain(order.Sync)
		o.V, o.Role = 1, order.Ops
		b, err := json.Marshal(o)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(b), old) {
			t.Fatalf("%s is not in %s", old, b)
		}
		return strings.Replace(string(b), old, new, 1)
	}
	good := replace("", "")
	wish := func(args string) string { return replace(`"op":"sync"`, `"op":"desired","args":`+args) }
	wish2 := func(args string) string { return strings.Replace(wish(args), `"ops"`, `"fleet"`, 1) }
	goodArgs := func(old, new string) string {
		return strings.Replace(`{"target":"1.4.0/arm64/full","version":"1.4.0","sha256":"`+strings.Repeat("01", 32)+`","bytes":10}`, old, new, 1)
	}
	by := func(payload string, keys ...byte) []byte { return seal(t, payload, keys...) }
	tests := []struct {
		name     string
		envelope []byte
		code     order.Code
	}{
		{"good", by(good, 1), ""},
		{"4096 bytes", pad(by(good, 1), 4096), ""},
		{"4097 bytes", pad(by(good, 1), 4097), order.TooBig},
		{"empty", nil, order.BadEnvelope},
		{"null", []byte("null"), order.BadEnvelope},
		{"no JSON", []byte("reset please"), order.BadEnvelope},
		{"two envelopes", append(by(good, 1), by(good, 1)...), order.BadEnvelope},
		{"another type", sealAs(t, "application/json", good, 1), order.BadEnvelope},
		{"another spelling of the type", sealAs(t, strings.ToUpper(order.PayloadType), good, 1), order.BadEnvelope},
		{"type changed after signing", bytes.Replace(sealAs(t, "application/x.syncbox.order+json", good, 1),
			[]byte("application/x."), []byte("application/vnd."), 1), order.BadSignature},
		{"nine signatures", by(good, 1, 1, 1, 1, 1, 1, 1, 1, 1), order.BadEnvelope},
		{"payload changed after signing", swap(t, by(good, 1), replace("sync", "stop")), order.BadSignature},
		{"payload that is no base64", bytes.Replace(by(good, 1), []byte(`"payload":"`), []byte(`"payload":"*`), 1), order.BadSignature},
		{"role of another op", by(replace(`"ops"`, `"danger"`), 1), order.BadSignature},
		{"no role", by(replace(`,"role":"ops"`, ``), 1), order.BadSignature},
		{"no payload", by("", 1), order.BadEnvelope},
		{"payload null", by("null", 1), order.BadEnvelope},
		{"payload that is a list", by("[]", 1), order.BadEnvelope},
		{"version 2", by(replace(`"v":1`, `"v":2`), 1), order.BadEnvelope},
		{"short id", by(replace(`01JD9F2M4Q0000000000000000`, `01JD9F2M4Q`), 1), order.BadEnvelope},
		{"id with a slash", by(replace(`01JD9F2M4Q0000000000000000`, `01JD9F2M4Q/00/../000000000`), 1), order.BadEnvelope},
		{"id past its range", by(replace(`01JD9F2M4Q0000000000000000`, `81JD9F2M4Q0000000000000000`), 1), order.BadEnvelope},
		{"to nobody", by(replace(`"box:0001"`, `""`), 1), order.BadEnvelope},
		{"to a name without kind", by(replace(`"box:0001"`, `"0001"`), 1), order.BadEnvelope},
		{"no op", by(replace(`"op":"sync"`, `"op":""`), 1), order.BadEnvelope},
		{"no seq", by(replace(fmt.Sprintf(`"seq":%d`, now.UnixMilli()), `"seq":0`), 1), order.BadEnvelope},
		{"seq that is no number", by(replace(fmt.Sprintf(`"seq":%d`, now.UnixMilli()), `"seq":"9"`), 1), order.BadEnvelope},
		{"ends before it begins", by(replace(fmt.Sprintf(`"exp":%d`, now.Unix()+600), `"exp":1`), 1), order.BadEnvelope},
		{"ends past all time", by(replace(fmt.Sprintf(`"exp":%d`, now.Unix()+600), `"exp":9223372036854775807`), 1), order.BadEnvelope},
		{"unknown op", by(replace(`"sync"`, `"explode"`), 1), order.UnknownOp},
		{"unknown op, and not for me", by(replace(`"box:0001","op":"sync"`, `"box:2","op":"explode"`), 1), order.UnknownOp},
		{"another box", by(replace(`"box:0001"`, `"box:0002"`), 1), order.NotMe},
		{"a box that is called like my group", by(replace(`"box:0001"`, `"box:eu-1"`), 1), order.NotMe},
		{"a group that is called like me", by(replace(`"box:0001"`, `"grp:0001"`), 1), order.NotMe},
		{"my group", by(replace(`"box:0001"`, `"grp:eu-1"`), 1), ""},
		{"my other group", by(replace(`"box:0001"`, `"grp:all"`), 1), ""},
		{"another group", by(replace(`"box:0001"`, `"grp:us-1"`), 1), order.NotMe},
		{"another box, and over", by(strings.Replace(replace(`"box:0001"`, `"box:0002"`), fmt.Sprint(now.Unix()+600), fmt.Sprint(now.Unix()-1), 1), 1), order.NotMe},
		{"wish without args", by(wish2(`null`), 3), order.BadArgs},
		{"wish", by(wish2(goodArgs("", "")), 3), ""},
		{"wish of another version", by(wish2(goodArgs(`n":"1.4.0"`, `n":"1.4.1"`)), 3), order.BadArgs},
		{"wish of a bad version", by(wish2(goodArgs(`n":"1.4.0"`, `n":"1.4"`)), 3), order.BadArgs},
		{"wish of a delta", by(wish2(goodArgs(`arm64/full`, `arm64/1.3.0`)), 3), order.BadArgs},
		{"wish without board", by(wish2(goodArgs(`arm64/full`, `full`)), 3), order.BadArgs},
		{"wish with two boards", by(wish2(goodArgs(`arm64/full`, `arm64/arm64/full`)), 3), order.BadArgs},
		{"wish of a window list", by(wish2(goodArgs(`arm64/full`, `arm64/full.windows`)), 3), order.BadArgs},
		{"wish of nothing", by(wish2(goodArgs(`:10`, `:0`)), 3), order.BadArgs},
		{"wish of too much", by(wish2(goodArgs(`:10`, `:1073741825`)), 3), order.BadArgs},
		{"wish with half a hash", by(wish2(goodArgs(strings.Repeat("01", 16), ``)), 3), order.BadArgs},
		{"wish with a zero hash", by(wish2(goodArgs(strings.Repeat("01", 32), strings.Repeat("00", 32))), 3), order.BadArgs},
		{"wish for soon", by(wish2(goodArgs(`:10`, `:10,"when":"soon"`)), 3), order.BadArgs},
		{"wish spread over years", by(wish2(goodArgs(`:10`, `:10,"spread_s":604801`)), 3), order.BadArgs},
		{"wish spread backwards", by(wish2(goodArgs(`:10`, `:10,"spread_s":-1`)), 3), order.BadArgs},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o, err := order.Verify(tt.envelope, ring(), box())
			refused(t, err, tt.code)
			if err != nil && !cmp.Equal(o, order.Order{}) {
				t.Errorf("got an order with the error: %+v", o)
			}
			var r *order.Refusal
			if errors.As(err, &r) && r.ID != "" && r.ID != plain(order.Sync).ID {
				t.Errorf("id of the refused order: got %q", r.ID)
			}
		})
	}
}

func pad(b []byte, n int) []byte { return append(b, bytes.Repeat([]byte{' '}, n-len(b))...) }

// swap puts another payload into an envelope.
func swap(t *testing.T, envelope []byte, payload string) []byte {
	t.Helper()
	var e map[string]any
	if err := json.Unmarshal(envelope, &e); err != nil {
		t.Fatal(err)
	}
	e["payload"] = base64.StdEncoding.EncodeToString([]byte(payload))
	b, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return b
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
		{"a week", order.Sync, -10, -10, week - 10, false, ""},
		{"more than a week", order.Sync, -10, -10, week - 9, false, order.Expired},
		{"a quarter of an hour for a reboot", order.Reboot, -10, -10, 890, false, ""},
		{"more than that", order.Reboot, -10, -10, 891, false, order.Expired},
		{"clock not trusted", order.Sync, -10, -10, 10, true, ""},
		{"clock not trusted, over for certain", order.Sync, -10, -10, -1, true, order.Expired},
		{"clock not trusted, seems early", order.Sync, week * 52, week * 52, week*52 + 10, true, ""},
		{"clock not trusted, reboot", order.Reboot, -10, -10, 10, true, order.ClockUntrusted},
		{"clock not trusted, reset", order.Reset, -10, -10, 10, true, order.ClockUntrusted},
		{"clock not trusted, reboot that is over", order.Reboot, -10, -10, -1, true, order.ClockUntrusted},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := plain(tt.op)
			o.V, o.Role = 1, order.Ops
			o.Issued, o.NotBefore, o.Expires = now.Unix()+tt.iat, now.Unix()+tt.nbf, now.Unix()+tt.exp
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

// A key that stands in the root twice, under two names even, is one key; the library would tell it on standard output.
func TestRepeatedKeys(t *testing.T) {
	r := order.Keyring{order.Danger: {Threshold: 2, Public: public(4, 4, 5)}}
	o := plain(order.Downgrade)
	quiet(t, func() {
		_, err := order.Verify(sign(t, o, 4, 4), r, box())
		refused(t, err, order.BadSignature)
		_, err = order.Verify(sign(t, o, 4, 4, 5, 5), r, box())
		refused(t, err, "")
		_, err = order.Verify(sign(t, o, 5, 4), r, box())
		refused(t, err, "")
	})
}

// quiet fails the test if f writes to standard output.
func quiet(t *testing.T, f func()) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = w
	defer func() { os.Stdout = stdout }()
	f()
	w.Close()
	if out, _ := io.ReadAll(r); len(out) > 0 {
		t.Errorf("standard output: %s", out)
	}
}

func TestBadKeyrings(t *testing.T) {
	for name, r := range map[string]order.Keyring{
		"none":                              nil,
		"no threshold":                      {order.Danger: {Threshold: 0, Public: public(4, 5)}},
		"one key is enough, says the root":  {order.Danger: {Threshold: 1, Public: public(4, 5)}},
		"more keys needed than there are":   {order.Danger: {Threshold: 3, Public: public(4, 5)}},
		"no keys":                           {order.Danger: {Threshold: 2}},
		"the same key twice":                {order.Danger: {Threshold: 2, Public: public(4, 4)}},
		"a key that is too short":           {order.Danger: {Threshold: 2, Public: append(public(4, 5), []byte{1})}},
		"a key without bytes":               {order.Danger: {Threshold: 2, Public: append(public(4, 5), nil)}},
		"keys of another role":              {order.Ops: {Threshold: 1, Public: public(4, 5)}},
		"keys of another role, and too few": {order.Ops: {Threshold: 1, Public: public(4, 5)}, order.Danger: {Threshold: 2, Public: public(4)}},
	} {
		_, err := order.Verify(sign(t, plain(order.Downgrade), 4, 5), r, box())
		t.Run(name, func(t *testing.T) { refused(t, err, order.BadSignature) })
	}
}

func TestCosign(t *testing.T) {
	first := sign(t, plain(order.Downgrade), 4)
	_, err := order.Verify(first, ring(), box())
	refused(t, err, order.BadSignature)
	seen, err := order.Peek(first)
	if err != nil || seen.Op != order.Downgrade || seen.Target == nil || seen.Target.Version.String() != "1.4.0" {
		t.Errorf("peek: got %+v, %v", seen, err)
	}
	both, err := order.Cosign(t.Context(), first, signers(t, 6)...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = order.Verify(both, ring(), box())
	refused(t, err, "")
	if !bytes.Contains(both, []byte(fmt.Sprintf("%x", public(4)[0]))) {
		t.Error("key id of the first signature is lost")
	}
}

func TestSignRefuses(t *testing.T) {
	for name, change := range map[string]func(*order.Order){
		"no id":        func(o *order.Order) { o.ID = "" },
		"no box":       func(o *order.Order) { o.To = "box:" },
		"no op":        func(o *order.Order) { o.Op = "" },
		"unknown op":   func(o *order.Order) { o.Op = "explode" },
		"no times":     func(o *order.Order) { o.Issued, o.NotBefore, o.Expires = 0, 0, 0 },
		"too long":     func(o *order.Order) { o.Expires += 8 * 86400 },
		"no seq":       func(o *order.Order) { o.Seq = 0 },
		"no target":    func(o *order.Order) { o.Target = nil },
		"bad target":   func(o *order.Order) { o.Target.Name = "1.4.0/arm64/1.3.0" },
		"too big":      func(o *order.Order) { *o = args(order.Sync, `"`+strings.Repeat("x", 4000)+`"`) },
		"args no JSON": func(o *order.Order) { *o = args(order.Sync, `{`) },
	} {
		o := plain(order.Desired)
		change(&o)
		if b, err := order.Sign(t.Context(), o, signers(t, 3)...); err == nil {
			t.Errorf("%s: signed %s", name, b)
		}
	}
	if _, err := order.Sign(t.Context(), plain(order.Desired)); err == nil {
		t.Error("signed by nobody")
	}
	if _, err := order.KeySigner(key(1)[:32]); err == nil {
		t.Error("half a key")
	}
	if _, err := order.Cosign(t.Context(), []byte("{}"), signers(t, 4)...); err == nil {
		t.Error("cosigned nothing")
	}
	if _, err := order.Peek([]byte("{}")); err == nil {
		t.Error("saw an order in nothing")
	}
}

func TestNewID(t *testing.T) {
	at := time.UnixMilli(1469918176385)
	id, err := order.NewID(at, bytes.NewReader(make([]byte, 10)))
	if err != nil || id != "01ARYZ6S410000000000000000" { // time of the example in the specification
		t.Errorf("got %q, %v", id, err)
	}
	id, err = order.NewID(at, bytes.NewReader(bytes.Repeat([]byte{255}, 10)))
	if err != nil || id != "01ARYZ6S41ZZZZZZZZZZZZZZZZ" {
		t.Errorf("got %q, %v", id, err)
	}
	if _, err := order.NewID(at, bytes.NewReader(nil)); err == nil {
		t.Error("an id without randomness")
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
