package update

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"flag"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	bolt "go.etcd.io/bbolt"

	"syncbox/ota/bootstate"
	"syncbox/ota/bundle"
	"syncbox/ota/order"
	"syncbox/ota/trust"
)

// testdata/update-1.db is what a box wrote whose forms of record and trust state were the first ones. Once a release is out
// that writes such files, it is never written again: boxes have them, and go back to that release.
var write = flag.Bool("write", false, "write the database of these forms, of which there is none yet")

const written = "testdata/update-1.db"

var (
	sampleImage = bundle.Digest(sha256.Sum256([]byte("image")))
	sampleDay   = time.Date(2026, 11, 20, 8, 0, 0, 0, time.UTC)

	// sampleRecord and sampleState have every field. A new one gets a sample of its own; these stay as they are.
	sampleRecord = Record{
		Wish: &Wish{ID: "01JD", Envelope: []byte(`{"payload":"e30="}`), Op: order.Desired, To: "box:0001", Target: order.Target{Name: "1.4.0/arm64/full",
			Version: bundle.Version{Major: 1, Minor: 4}, SHA256: sampleImage, Bytes: 1 << 20, When: order.Now, Spread: 60}},
		Seq: map[order.Role]int64{order.Fleet: 1763625600000},
		Install: &Install{Wish: "01JD", Slot: bootstate.B, Version: bundle.Version{Major: 1, Minor: 4}, Image: bundle.Image{SHA256: sampleImage, Bytes: 1 << 20},
			Sums: bootstate.Sums{Kernel: "62dfae0", Initrd: "1", DTB: "abcdef01"}, Trial: bundle.Trial{Settle: 60, Network: 1800}, Floor: bundle.Version{Major: 1},
			Step: Trying, Seq: 42, Begun: true, Before: &Before{Link: true, Reached: []string{"share"}, Failing: []string{"data"}}, Missing: []string{"crm"},
			Failure: &Failure{Code: Internal, Words: "words"}, Interrupted: 1, Acquitted: 2},
		Bad:     []Bad{{SHA256: sampleImage, Version: bundle.Version{Major: 1, Minor: 3}, Code: Internal, Wish: "01JC"}},
		Skipped: &Skipped{ID: "01JB", Code: Internal},
		Last:    &Outcome{Wish: "01JC", Version: bundle.Version{Major: 1, Minor: 3}, Phase: PhaseRolledBack, Code: Internal, Words: "words"},
		Told:    true,
		Commit:  &Commit{Version: bundle.Version{Major: 1, Minor: 2}, Floor: bundle.Version{Major: 1}, On: time.Hour}, Release: 7, Checked: sampleDay,
	}
	sampleState = trust.State{
		Root: []byte("root"), Timestamp: []byte("timestamp"), Snapshot: []byte("snapshot"), Targets: []byte("targets"),
		Versions: trust.Versions{Root: 1, Timestamp: 2, Snapshot: 3, Targets: 4}, Since: trust.Versions{Root: 1, Timestamp: 1, Snapshot: 1, Targets: 1},
		Clock: sampleDay, Issued: sampleDay.Add(-time.Hour), Wish: trust.Wish{ID: "01JD", Seq: 1763625600000, SHA256: sampleImage},
	}
)

func opened(t *testing.T, path string) *store {
	t.Helper()
	s, lost := openStore(path, slog.New(slog.DiscardHandler))
	if lost != nil {
		t.Fatal(lost)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func wantSample(t *testing.T, s *store) {
	t.Helper()
	if d := cmp.Diff(sampleRecord, s.record); d != "" {
		t.Errorf("record (-want +got):\n%s", d)
	}
	if d := cmp.Diff(sampleState, s.state); d != "" {
		t.Errorf("trust state (-want +got):\n%s", d)
	}
}

// copyOfWritten gives a copy to work on.
func copyOfWritten(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(written)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "update.db")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestReadsWhatWasWritten reads what the first form wrote, and goes on with it.
func TestReadsWhatWasWritten(t *testing.T) {
	if _, err := os.Stat(written); os.IsNotExist(err) && *write {
		s := opened(t, written)
		if err := s.put(sampleRecord, sampleState); err != nil {
			t.Fatal(err)
		}
	}
	path := copyOfWritten(t)
	s := opened(t, path)
	wantSample(t, s)
	r := s.record.clone()
	r.Told = false
	if err := s.put(r, s.state); err != nil {
		t.Fatal(err)
	}
	if err := s.close(); err != nil {
		t.Fatal(err)
	}
	if s = opened(t, path); s.record.Told {
		t.Error("what is put into it is not there")
	}
}

// TestReadsTomorrows reads what a next version may write as long as this one can be in the other slot: fields and whole
// buckets that this one does not know.
func TestReadsTomorrows(t *testing.T) {
	path := copyOfWritten(t)
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		t.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, of := range []struct {
			bucket, key []byte
			magic       string
		}{{bucketUpdate, keyRecord, recordMagic}, {bucketTrust, keyState, "syncbox-trust-1\n"}} {
			b := tx.Bucket(of.bucket)
			body := wider(t, b.Get(of.key)[len(of.magic)+sha256.Size:])
			sum := sha256.Sum256(body)
			if err := b.Put(of.key, bytes.Join([][]byte{[]byte(of.magic), sum[:], body}, nil)); err != nil {
				return err
			}
			if err := b.Put([]byte("tomorrow"), []byte("value")); err != nil {
				return err
			}
		}
		_, err := tx.CreateBucket([]byte("tomorrow"))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s := opened(t, path)
	wantSample(t, s)
	if err := s.put(s.record.clone(), s.state); err != nil {
		t.Fatal(err)
	}
	err = s.db.View(func(tx *bolt.Tx) error {
		if tx.Bucket([]byte("tomorrow")) == nil || tx.Bucket(bucketTrust).Get([]byte("tomorrow")) == nil {
			t.Error("what only the next version knows is gone")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// wider adds a field to an object and to those inside of it.
func wider(t *testing.T, v []byte) []byte {
	t.Helper()
	var fields map[string]json.RawMessage
	if json.Unmarshal(v, &fields) != nil || fields == nil {
		return v // no object
	}
	for name, f := range fields {
		if name != "seq" { // by role
			fields[name] = wider(t, f)
		}
	}
	fields["tomorrow"] = json.RawMessage(`{"a":[1,"b"]}`)
	b, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestSampleIsWhole says which field of what is kept the samples leave out: that one would not be tested.
func TestSampleIsWhole(t *testing.T) {
	var walk func(v reflect.Value, path string)
	walk = func(v reflect.Value, path string) {
		switch {
		case v.IsZero():
			t.Errorf("%s is in no file of testdata: begin another one, with a sample that has it", path)
		case v.Kind() == reflect.Pointer:
			walk(v.Elem(), path)
		case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Struct:
			walk(v.Index(0), path)
		case v.Kind() == reflect.Struct && v.Type().PkgPath() != "time" && v.Type() != reflect.TypeFor[bundle.Version]():
			for i := range v.NumField() {
				walk(v.Field(i), path+"."+v.Type().Field(i).Name)
			}
		}
	}
	walk(reflect.ValueOf(sampleRecord), "Record")
	walk(reflect.ValueOf(sampleState), "State")
}
