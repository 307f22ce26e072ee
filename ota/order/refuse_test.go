package order_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"syncbox/ota/order"
)

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
		{"seq of the far future", by(replace(fmt.Sprintf(`"seq":%d`, now.UnixMilli()), `"seq":4611686018427387904`), 1), order.BadEnvelope},
		{"seq of a day later", by(replace(fmt.Sprintf(`"seq":%d`, now.UnixMilli()), fmt.Sprintf(`"seq":%d`, now.UnixMilli()+24*3600_000-60_000)), 1), ""},
		{"seq of more than that", by(replace(fmt.Sprintf(`"seq":%d`, now.UnixMilli()), fmt.Sprintf(`"seq":%d`, now.UnixMilli()+24*3600_000-59_000)), 1), order.BadEnvelope},
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
