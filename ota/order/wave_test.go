package order_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/order"
)

// The form that others see, and which boxes take part: neither must change.
func TestRolloutForm(t *testing.T) {
	payload := `{"v":1,"id":"01JD9F2M4Q0000000000000000","to":"grp:eu-1","op":"rollout","args":{"target":"1.4.0/arm64/full",` +
		`"version":"1.4.0","sha256":"` + strings.Repeat("01", 32) + `","bytes":1000,"percent":25,"salt":"spring"},` +
		`"iat":1795338000,"nbf":1795338000,"exp":1795424400,"seq":1795338000000,"role":"fleet"}`
	o, err := order.Verify(seal(t, payload, 3), ring(), box())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(&order.Wave{Percent: 25, Salt: "spring"}, o.Wave); d != "" || o.Target.Bytes != 1000 {
		t.Errorf("wave (-want +got):\n%s%+v", d, o.Target)
	}
	var in []string
	for i := range 20 {
		if name := fmt.Sprintf("%04d", i); o.Wave.Takes(name) {
			in = append(in, name)
		}
	}
	if d := cmp.Diff([]string{"0008", "0017", "0019"}, in); d != "" {
		t.Errorf("boxes of the wave (-want +got):\n%s", d)
	}
}

// TestSignRollout: what is signed is what is read.
func TestSignRollout(t *testing.T) {
	o := plain(order.Rollout)
	got, err := order.Verify(sign(t, o, 3), ring(), box())
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(o.Wave, got.Wave) + cmp.Diff(o.Target, got.Target); d != "" {
		t.Errorf("wave and target (-want +got):\n%s", d)
	}
}

func TestBadWaves(t *testing.T) {
	wave := func(w order.Wave) func(*order.Order) { return func(o *order.Order) { o.Wave = &w } }
	for name, change := range map[string]func(*order.Order){
		"for one box":                func(o *order.Order) { o.To = "box:0001" },
		"without wave":               func(o *order.Order) { o.Wave = nil },
		"without target":             func(o *order.Order) { o.Target, o.Args = nil, []byte(`{"percent":10,"salt":"spring"}`) },
		"more than all":              wave(order.Wave{Percent: 101, Salt: "x"}),
		"less than none":             wave(order.Wave{Percent: -1, Salt: "x"}),
		"without salt":               wave(order.Wave{Percent: 10}),
		"with too much salt":         wave(order.Wave{Percent: 10, Salt: strings.Repeat("x", order.MaxSalt+1)}),
		"with a target that is none": func(o *order.Order) { o.Target.Bytes = 0 },
	} {
		o := plain(order.Rollout)
		change(&o)
		if b, err := order.Sign(t.Context(), o, signers(t, 3)...); err == nil {
			t.Errorf("%s: signed %s", name, b)
		}
	}
}

// TestWaves: each wave has about as many boxes as it says, and all of the wave before; another salt begins with others.
func TestWaves(t *testing.T) {
	const boxes = 20000
	before := map[string]bool{}
	for _, percent := range []int{0, 1, 10, 50, 100} {
		w, other := order.Wave{Percent: percent, Salt: "spring"}, order.Wave{Percent: percent, Salt: "summer"}
		n, same := 0, 0
		for i := range boxes {
			name := fmt.Sprintf("syncbox-%05x", i)
			in := w.Takes(name)
			if before[name] && !in {
				t.Fatalf("%s was in the wave before, and is not in that of %d percent", name, percent)
			}
			if before[name] = in; in {
				n++
				if other.Takes(name) {
					same++
				}
			}
		}
		want := boxes * percent / 100
		if n < want*9/10 || n > want*11/10 {
			t.Errorf("%d percent: got %d boxes, want about %d", percent, n, want)
		}
		if chance := n * percent / 100; percent < 100 && same > 2*chance+10 {
			t.Errorf("%d percent: %d of %d boxes are in the wave of another salt as well, want about %d", percent, same, n, chance)
		}
	}
}
