package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/secure-systems-lab/go-securesystemslib/cjson"

	"syncbox/firmware/internal/fleet/fleettest"
	"syncbox/image/manifest"
	"syncbox/ota/bootstate"
	"syncbox/ota/fetch"
	"syncbox/ota/order"
	"syncbox/ota/release"
	"syncbox/ota/trust"
)

// TestMain lets the stories run this program under its own name.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"boxctl": main}) }

// TestStories tells each story of testdata: the makers with the program, and boxes that follow what they publish.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("LANG", "en_CA.UTF-8")
			e.Setenv("GORACE", os.Getenv("GORACE")) // how long the program waits at its end under the race detector
			e.Setenv("XDG_CONFIG_HOME", filepath.Join(e.WorkDir, "config"))
			e.Values[boxesKey{}] = map[string]*box{}
			e.Values[siteKey{}] = new(*fleettest.Site)
			return nil
		},
		Condition: func(name string) (bool, error) {
			switch name {
			case "mosquitto":
				return hasMosquitto()
			case "token":
				return hasToken(), nil
			}
			return false, fmt.Errorf("no condition %q", name)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"key": key, "spoil": spoil, "image": image, "box": follow, "forge": forge, "order": readOrder, "identity": identity,
			"broker": broker, "fakebox": fakeBox, "exits": exits,
		},
	})
}

type boxesKey struct{}

// box is a box that remembers what it has seen.
type box struct {
	anchor trust.Anchor
	state  trust.State
}

// key VARIABLE PATTERN: sets a variable to the one file that fits, without its ending.
func key(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: key VARIABLE PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[1] + ".pub"))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d files fit %s", len(found), args[1])
	}
	name := filepath.Base(found[0])
	ts.Setenv(args[0], name[:len(name)-len(".pub")])
}

// spoil PATTERN: empties the one file that fits.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: spoil PATTERN")
	}
	found, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if len(found) != 1 {
		ts.Fatalf("%d files fit %s", len(found), args[0])
	}
	ts.Check(os.Truncate(found[0], 0))
}

// image VERSION ROOT: what make image leaves in build/.
func image(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: image VERSION ROOT")
	}
	var root []byte
	if args[1] != "-" {
		var err error
		root, err = os.ReadFile(ts.MkAbs(args[1]))
		ts.Check(err)
	}
	ts.Check(build(ts.MkAbs("build"), args[0], root))
}

// build leaves in dir what make image does, for a version; root may be nil.
func build(dir, version string, root []byte) error {
	content := bytes.Repeat([]byte("a slot of "+version+"\n"), 10_000)
	described := func(name string, content []byte) manifest.File {
		f := manifest.DescribeContent(name, content)
		f.Sum = bootstate.SumOf(crc32.ChecksumIEEE(content))
		return f
	}
	m := manifest.Manifest{Name: "syncbox", Version: version, Slot: manifest.DescribeContent("syncbox.slot.img", content),
		SlotFiles: []manifest.File{described("vmlinuz", []byte("kernel")), described("initrd", content[:100])}}
	if root != nil {
		f := manifest.DescribeContent("root.json", root)
		m.Root = &f
	}
	return errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, m.Slot.Name), content, 0o600),
		m.Write(filepath.Join(dir, "syncbox.manifest.json")))
}

// TestReadsManifest: what image/manifest writes is what release publish reads.
func TestReadsManifest(t *testing.T) {
	dir, root := t.TempDir(), []byte("{}")
	if err := build(dir, "1.4.0", root); err != nil {
		t.Fatal(err)
	}
	got, err := readManifest(filepath.Join(dir, "syncbox.manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	slot, err := os.ReadFile(filepath.Join(dir, got.Slot.Name))
	if err != nil {
		t.Fatal(err)
	}
	if got.Version != "1.4.0" || got.Slot.SHA256 != sha256.Sum256(slot) || got.Root == nil || got.Root.SHA256 != sha256.Sum256(root) {
		t.Errorf("got %+v, root %+v", got, got.Root)
	}
	if len(got.Files) != 2 || got.Files[0].Name != "vmlinuz" || got.Files[0].Sum != string(bootstate.SumOf(crc32.ChecksumIEEE([]byte("kernel")))) {
		t.Errorf("files of the slot: %+v", got.Files)
	}
}

// box NAME ROOT FOLDER: a box that was made with a root looks for updates in a folder; it prints the versions of root,
// targets, snapshot and timestamp that it then believes. With "!" it must refuse; it prints why.
func follow(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: box NAME ROOT FOLDER")
	}
	boxes := ts.Value(boxesKey{}).(map[string]*box)
	b := boxes[args[0]]
	if b == nil {
		root, err := os.ReadFile(ts.MkAbs(args[1]))
		ts.Check(err)
		b = &box{anchor: trust.Anchor{Root: root}}
		boxes[args[0]] = b
	}
	state, _, err := b.anchor.Refresh(context.Background(), fetch.Folder{FS: os.DirFS(ts.MkAbs(args[2]))}, b.state, b.state.Versions, trust.Clock{Now: time.Now(), Trusted: true})
	b.state = state
	v := state.Versions
	fmt.Fprintf(ts.Stdout(), "root %d targets %d snapshot %d timestamp %d\n", v.Root, v.Targets, v.Snapshot, v.Timestamp)
	if err != nil {
		fmt.Fprintln(ts.Stdout(), trust.CodeOf(err))
	}
	if (err != nil) != neg {
		ts.Fatalf("the box says %v", err)
	}
}

// forge KEYFILE VERSION FOLDER: a thief of the timestamp's key signs a timestamp of another version.
func forge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: forge KEYFILE VERSION FOLDER")
	}
	k, err := release.ReadKey(nil, ts.MkAbs(args[0]))
	ts.Check(err)
	path := filepath.Join(ts.MkAbs(args[2]), "metadata", "timestamp.json")
	b, err := os.ReadFile(path)
	ts.Check(err)
	var m struct {
		Signed     map[string]any      `json:"signed"`
		Signatures []map[string]string `json:"signatures"`
	}
	ts.Check(json.Unmarshal(b, &m))
	m.Signed["version"], err = strconv.Atoi(args[1])
	ts.Check(err)
	message, err := cjson.EncodeCanonical(m.Signed)
	ts.Check(err)
	sig, err := k.Signer.Sign(nil, message, crypto.Hash(0))
	ts.Check(err)
	m.Signatures = []map[string]string{{"keyid": k.ID(), "sig": fmt.Sprintf("%x", sig)}}
	b, err = json.Marshal(m)
	ts.Check(err)
	ts.Check(os.WriteFile(path, b, 0o600))
}

// order NAME FILE: the box NAME, which has looked for updates before, reads an order; it prints what it is to do. With "!"
// it must refuse; it prints why.
func readOrder(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: order NAME FILE")
	}
	b := ts.Value(boxesKey{}).(map[string]*box)[args[0]]
	envelope, err := os.ReadFile(ts.MkAbs(args[1]))
	ts.Check(err)
	ring, err := b.anchor.Keys(b.state)
	ts.Check(err)
	o, err := order.Verify(bytes.TrimSpace(envelope), ring, order.Box{Name: args[0], Groups: []string{"all"}, Now: time.Now(), ClockTrusted: true})
	if (err != nil) != neg {
		ts.Fatalf("the box says %v", err)
	}
	if err != nil {
		fmt.Fprintln(ts.Stdout(), err)
		return
	}
	fmt.Fprintf(ts.Stdout(), "%s %s %s %s\n", o.Op, o.Target.Name, o.Target.When, time.Duration(o.Target.Spread)*time.Second)
}
