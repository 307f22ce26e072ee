package takeover_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"syncbox/ota/order"
)

// Names of the box that is attacked and of its topics, as the contract writes them.
const (
	boxName      = "SB-0001"
	topicStatus  = "sb/v1/SB-0001/status"
	topicDesired = "sb/v1/SB-0001/desired"
	topicCmd     = "sb/v1/SB-0001/cmd"
	topicAck     = "sb/v1/SB-0001/ack/"
	payloadType  = "application/vnd.syncbox.order+json"
)

// keys of the roles: each a number, so that the same seed gives the same bytes.
const (
	keyOps = iota + 1
	keyOps2
	keyFleet
	keyDanger
	keyDanger2
	keyDanger3
	keyStranger
	keyStranger2
)

var privates = func() (all [16]ed25519.PrivateKey) {
	for n := range all {
		all[n] = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{byte(n)}, ed25519.SeedSize))
	}
	return all
}()

func private(n byte) ed25519.PrivateKey { return privates[n] }

func publics(numbers ...byte) (all []ed25519.PublicKey) {
	for _, n := range numbers {
		all = append(all, private(n).Public().(ed25519.PublicKey))
	}
	return all
}

// ring is what the box knows of the keys.
func ring() order.Keyring {
	return order.Keyring{
		order.Ops:    {Threshold: 1, Public: publics(keyOps, keyOps2)},
		order.Fleet:  {Threshold: 1, Public: publics(keyFleet)},
		order.Danger: {Threshold: 2, Public: publics(keyDanger, keyDanger2, keyDanger3)},
	}
}

// draft is a payload, field by field.
type draft map[string]any

// newDraft is an order for the box that is fine at an instant, for ten minutes.
func newDraft(now time.Time, n uint64, op, role string, args any) draft {
	d := draft{
		"v": 1, "id": orderID(now, n), "to": "box:" + boxName, "op": op, "role": role,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Unix() + 600, "seq": now.UnixMilli(),
	}
	if args != nil {
		d["args"] = args
	}
	return d
}

// orderID is a ULID made of a time and a number.
func orderID(now time.Time, n uint64) string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	id := make([]byte, 26)
	for i, ms := 9, uint64(now.UnixMilli()); i >= 0; i, ms = i-1, ms>>5 {
		id[i] = digits[ms&31]
	}
	for i := 25; i >= 10; i, n = i-1, n>>4 {
		id[i] = digits[n&15]
	}
	return string(id)
}

// with gives the draft with some fields changed, in pairs.
func (d draft) with(pairs ...any) draft {
	other := draft{}
	for k, v := range d {
		other[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		other[pairs[i].(string)] = pairs[i+1]
	}
	return other
}

func (d draft) json() []byte {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err)
	}
	return b
}

// signed gives the draft's envelope, as support would make it.
func (d draft) signed(by ...byte) []byte { return seal(payloadType, d.json(), by...) }

type signature struct {
	KeyID string `json:"keyid"`
	Sig   string `json:"sig"`
}

type envelope struct {
	PayloadType string      `json:"payloadType"`
	Payload     string      `json:"payload"`
	Signatures  []signature `json:"signatures"`
}

func (e envelope) json() []byte {
	b, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return b
}

// pae is what DSSE signs, https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md.
func pae(kind string, payload []byte) []byte {
	return fmt.Appendf(nil, "DSSEv1 %d %s %d %s", len(kind), kind, len(payload), payload)
}

func sealed(kind string, payload []byte, by ...byte) envelope {
	e := envelope{PayloadType: kind, Payload: base64.StdEncoding.EncodeToString(payload), Signatures: []signature{}}
	for _, n := range by {
		sig := ed25519.Sign(private(n), pae(kind, payload))
		e.Signatures = append(e.Signatures, signature{fmt.Sprint("key-", n), base64.StdEncoding.EncodeToString(sig)})
	}
	return e
}

func seal(kind string, payload []byte, by ...byte) []byte { return sealed(kind, payload, by...).json() }

// forgery is a message that must have no effect on the box whatsoever.
type forgery struct {
	name    string
	payload []byte
}

// forgeries are what somebody makes who has the broker, everything that ever passed through it, one key of support
// and one of those of danger at most where the name says so; n makes ids.
func forgeries(now time.Time, n func() uint64) (all []forgery) {
	add := func(name string, payload []byte) { all = append(all, forgery{name, payload}) }
	wipe := func() draft { return newDraft(now, n(), "reset", "danger", draft{"level": "full"}) }
	restart := func() draft { return newDraft(now, n(), "reboot", "ops", nil) }

	// Signatures.
	add("no signatures", wipe().signed())
	add("null as signatures", bytes.Replace(wipe().signed(), []byte("[]"), []byte("null"), 1))
	add("a stranger", restart().signed(keyStranger))
	add("two strangers", wipe().signed(keyStranger, keyStranger2))
	add("a stranger who calls himself support", bytes.ReplaceAll(restart().signed(keyStranger), []byte("key-7"), []byte("key-1")))
	add("full reset by support", wipe().signed(keyOps))
	add("full reset by support that says so", wipe().with("role", "ops").signed(keyOps, keyOps2))
	add("full reset by one of danger", wipe().signed(keyDanger))
	add("full reset by the same one twice", wipe().signed(keyDanger, keyDanger))
	add("full reset by one of danger and support", wipe().signed(keyDanger, keyOps))
	add("full reset by one of danger and the fleet", wipe().signed(keyDanger, keyFleet))
	add("full reset by one of danger and a stranger", wipe().signed(keyDanger, keyStranger))
	add("full reset by the fleet", wipe().with("role", "fleet").signed(keyFleet))
	add("reboot by the fleet", restart().signed(keyFleet))
	add("reboot by one of danger", restart().signed(keyDanger))
	add("reboot in the role of danger by support", restart().with("role", "danger").signed(keyOps))
	add("reboot in no role", restart().with("role", "").signed(keyOps))
	add("resync 2 by support", newDraft(now, n(), "resync", "ops", draft{"level": 2}).signed(keyOps))
	add("resync of a level that is read in two ways", newDraft(now, n(), "resync", "ops", draft{"level": 1.5}).signed(keyOps))
	add("new share by support", newDraft(now, n(), "config", "ops", draft{"path": `\\203.0.113.9\take`, "server": "203.0.113.9"}).signed(keyOps))
	for _, set := range []string{
		`{"set":[{"key":"job.a.share.server","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"box.language","value":"en"},{"key":"job.a.centrixone.url","value":"https://203.0.113.9"}]}`,
		`{"set":[{"key":"box.language","value":"en"}],"set":[{"key":"job.a.share.server","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"box.language","value":"en"}],"SET":[{"key":"job.a.share.server","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"box.language","KEY":"job.a.share.server","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"job.a.Share.Server","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"job.a.share.server ","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"support.broker","value":"mqtts://203.0.113.9"}]}`,
		`{"set":[{"key":"updates.servers","value":"https://203.0.113.9"}]}`,
		`{"set":[{"key":"network.gateway","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"network.dns","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"network.ntp","value":"203.0.113.9"}]}`,
		`{"set":[{"key":"job.a.crm_key","value":"x"}]}`,
		`{"set":{"key":"job.a.share.server","value":"203.0.113.9"}}`,
	} {
		add("config "+set, newDraft(now, n(), "config", "ops", json.RawMessage(set)).signed(keyOps))
	}
	add("other keys by support", newDraft(now, n(), "keys", "ops", draft{"root": "x"}).signed(keyOps))
	add("other keys by one of danger", newDraft(now, n(), "keys", "danger", draft{"root": "x"}).signed(keyDanger))
	target := draft{"target": "9.9.9/arm64/full", "version": "9.9.9", "sha256": strings.Repeat("66", 32), "bytes": 1 << 20}
	add("wish by support", newDraft(now, n(), "desired", "fleet", target).signed(keyOps))
	add("wish by support that says so", newDraft(now, n(), "desired", "ops", target).signed(keyOps))
	add("wish by a stranger", newDraft(now, n(), "desired", "fleet", target).signed(keyStranger))
	add("downgrade by the fleet", newDraft(now, n(), "downgrade", "fleet", target).signed(keyFleet))
	add("downgrade by one of danger", newDraft(now, n(), "downgrade", "danger", target).signed(keyDanger))

	// What is signed.
	d := wipe()
	add("for another type", seal("application/json", d.json(), keyDanger, keyDanger2))
	add("for another type, told as ours", withType(payloadType, sealed("application/json", d.json(), keyDanger, keyDanger2)))
	add("for ours, told as another", withType("application/vnd.in-toto+json", sealed(payloadType, d.json(), keyDanger, keyDanger2)))
	add("type in capitals", withType(strings.ToUpper(payloadType), sealed(payloadType, d.json(), keyDanger, keyDanger2)))
	bare := sealed(payloadType, d.json())
	for _, k := range []byte{keyDanger, keyDanger2} {
		bare.Signatures = append(bare.Signatures, signature{"", base64.StdEncoding.EncodeToString(ed25519.Sign(private(k), d.json()))})
	}
	add("signed without its type", bare.json())
	swapped := sealed(payloadType, newDraft(now, n(), "identify", "danger", nil).json(), keyDanger, keyDanger2)
	swapped.Payload = base64.StdEncoding.EncodeToString(wipe().json())
	add("payload exchanged", swapped.json())

	// Whom, when, what.
	for _, to := range []string{"box:SB-0002", "box:SB-00010", "box:sb-0001", "box:*", "box:+", "box:", "box:SB-0001 ", "grp:", "grp:SB-0001", "grp:#", "grp:nowhere", "SB-0001", ""} {
		add("to "+to, restart().with("to", to).signed(keyOps))
	}
	at := now.Unix()
	for _, times := range []struct {
		name          string
		iat, nbf, exp int64
	}{
		{"over", at - 700, at - 700, at - 100},
		{"over since a month", at - 2600000, at - 2600000, at - 2500000},
		{"too early", at, at + 300, at + 600},
		{"for too long", at, at, at + 901},
		{"for ever", at, at, 1 << 50},
		{"ends before it begins", at, at, at - 1},
		{"issued long ago, lives", at - 800, at - 800, at + 200},
	} {
		add(times.name, restart().with("iat", times.iat, "nbf", times.nbf, "exp", times.exp).signed(keyOps))
	}
	add("a week and a second", newDraft(now, n(), "sync", "ops", nil).with("exp", at+7*86400+1).signed(keyOps))
	for _, op := range []string{"format", "RESET", "reboot ", "", "re\u017fet", "exec", "reboot\x00"} {
		add("op "+op, restart().with("op", op).signed(keyOps))
	}
	add("no id", restart().with("id", "").signed(keyOps))
	add("id with a slash", restart().with("id", "../../../status0000000000000").signed(keyOps))
	add("id with a wildcard", restart().with("id", "01JD9F2M4Q00000000000000#+").signed(keyOps))
	add("seq of 0", restart().with("seq", 0).signed(keyOps))
	add("seq of a year ago", restart().with("seq", now.UnixMilli()-31536000000).signed(keyOps))
	add("version 2", restart().with("v", 2).signed(keyOps))
	add("version in words", restart().with("v", "1").signed(keyOps))
	return append(all, rubbish(now, n)...)
}

func withType(kind string, e envelope) []byte {
	e.PayloadType = kind
	return e.json()
}

// rubbish is no envelope, or hardly one.
func rubbish(now time.Time, n func() uint64) (all []forgery) {
	add := func(name string, payload []byte) { all = append(all, forgery{name, payload}) }
	good := newDraft(now, n(), "reboot", "ops", nil).signed(keyOps)
	add("nothing", nil)
	for _, text := range []string{"null", "true", "0", `""`, "[]", "{}", "[[[", "reset", "\xef\xbb\xbf{}", "\xff\xfe", "\x00", "{\"payloadType\":1}", `{"payload":{}}`} {
		add(fmt.Sprintf("%q", text), []byte(text))
	}
	for _, at := range []int{1, 20, len(good) / 2, len(good) - 1} {
		add(fmt.Sprintf("first %d bytes", at), good[:at])
	}
	add("two of them", append(bytes.Clone(good), good...))
	add("deep", []byte(strings.Repeat("[", 4000)))
	add("deep inside", []byte(`{"payloadType":"`+payloadType+`","payload":`+strings.Repeat(`{"a":`, 700)+`1`+strings.Repeat("}", 700)+`}`))
	add("deep payload, signed by a stranger", seal(payloadType, []byte(strings.Repeat("[", 2500)), keyStranger))
	add("deep arguments", newDraft(now, n(), "reset", "ops", json.RawMessage(strings.Repeat("[", 1200)+strings.Repeat("]", 1200))).signed(keyOps))
	add("4097 bytes", append(bytes.Clone(good), bytes.Repeat([]byte(" "), 4097-len(good))...))
	add("40 kB", append(bytes.Clone(good), bytes.Repeat([]byte(" "), 40<<10)...))
	add("1 MiB", append(bytes.Clone(good), bytes.Repeat([]byte(" "), 1<<20)...))
	many := sealed(payloadType, newDraft(now, n(), "reboot", "ops", nil).json(), bytes.Repeat([]byte{keyStranger}, 9)...)
	add("nine signatures", many.json())
	e := sealed(payloadType, newDraft(now, n(), "reboot", "ops", nil).json(), keyOps)
	e.Payload = "*" + e.Payload
	add("payload that is no base64", e.json())
	e.Payload, e.Signatures[0].Sig = e.Payload[1:], strings.Repeat("A", 86)+"=="
	add("signature of zeros", e.json())
	return all
}

// flips gives an envelope with one bit changed, so that it says something else or nothing: hints that nobody signs are
// left alone.
func flips(chance *rand.Rand, n int, good []byte) (all []forgery) {
	var e envelope
	if err := json.Unmarshal(good, &e); err != nil {
		panic(err)
	}
	for range n {
		f := envelope{e.PayloadType, e.Payload, append([]signature(nil), e.Signatures...)}
		payload, _ := base64.StdEncoding.DecodeString(f.Payload)
		sig, _ := base64.StdEncoding.DecodeString(f.Signatures[0].Sig)
		part := payload
		if chance.IntN(3) == 0 {
			part = sig
		}
		bit := chance.IntN(8 * len(part))
		part[bit/8] ^= 1 << (bit % 8)
		f.Payload, f.Signatures[0].Sig = base64.StdEncoding.EncodeToString(payload), base64.StdEncoding.EncodeToString(sig)
		all = append(all, forgery{fmt.Sprintf("bit %d", bit), f.json()})
	}
	return all
}

// clothes are the same order in other bytes, still well signed: it must not be carried out once more.
func clothes(good []byte) (all []forgery) {
	var e envelope
	if err := json.Unmarshal(good, &e); err != nil {
		panic(err)
	}
	add := func(name string, payload []byte) { all = append(all, forgery{name, payload}) }
	add("as it was", good)
	add("spaces", append([]byte(" \n\t"), good...))
	f := e
	f.Signatures = append([]signature{{"x", strings.Repeat("A", 86) + "=="}}, e.Signatures...)
	add("one more signature", f.json())
	f.Signatures = append(append([]signature(nil), e.Signatures...), e.Signatures...)
	add("each signature twice", f.json())
	f.Signatures = append([]signature(nil), e.Signatures...)
	for i := range f.Signatures {
		f.Signatures[i].KeyID = "other"
	}
	add("other hints", f.json())
	f = e
	f.Payload = strings.NewReplacer("+", "-", "/", "_").Replace(e.Payload)
	add("base64 for addresses", f.json())
	f.Payload = e.Payload[:8] + "\n" + e.Payload[8:]
	add("base64 in lines", f.json())
	add("one more field", bytes.Replace(good, []byte("{"), []byte(`{"again":true,`), 1))
	return all
}

// A forgery's workshop must be able to make a good order, or all refusals would mean nothing.
func TestWorkshop(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	box := order.Box{Name: boxName, Now: now, ClockTrusted: true}
	tests := []struct {
		draft draft
		by    []byte
	}{
		{newDraft(now, 1, "reboot", "ops", nil), []byte{keyOps}},
		{newDraft(now, 2, "reset", "danger", draft{"level": "full"}), []byte{keyDanger, keyDanger3}},
		{newDraft(now, 3, "resync", "ops", draft{"level": 1}), []byte{keyOps2}},
	}
	for _, tt := range tests {
		got, err := order.Verify(tt.draft.signed(tt.by...), ring(), box)
		if err != nil || got.ID != tt.draft["id"] {
			t.Errorf("%s: got %+v, %v", tt.draft["op"], got, err)
		}
		for _, c := range clothes(tt.draft.signed(tt.by...)) {
			if got, err := order.Verify(c.payload, ring(), box); err == nil && got.ID != tt.draft["id"] {
				t.Errorf("%s, %s: got %+v", tt.draft["op"], c.name, got)
			}
		}
	}
}

// TestForgeries: no forgery passes the checks of an order, whatever the channel does around them.
func TestForgeries(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	count := uint64(0)
	n := func() uint64 { count++; return count }
	seq := now.UnixMilli() - 1
	box := order.Box{Name: boxName, Groups: []string{"eu-1"}, Now: now, ClockTrusted: true,
		Seq: map[order.Role]int64{order.Ops: seq, order.Fleet: seq, order.Danger: seq}}
	all := forgeries(now, n)
	chance := rand.New(rand.NewPCG(1, 2))
	all = append(all, flips(chance, 300, newDraft(now, n(), "reboot", "ops", nil).signed(keyOps))...)
	for _, f := range all {
		if got, err := order.Verify(f.payload, ring(), box); err == nil {
			t.Errorf("%s: taken as %+v", f.name, got)
		}
	}
	if len(all) < 380 {
		t.Errorf("only %d forgeries", len(all))
	}
}
