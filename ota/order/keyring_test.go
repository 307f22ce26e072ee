package order_test

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"syncbox/ota/order"
)

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
