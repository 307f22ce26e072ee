package setupcode_test

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/console/setupcode"
)

const code = "7Q2KM-0XTV9"

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newBox writes a code and gives its file.
func newBox(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "code.json")
	must(t, setupcode.Write(path, code))
	return path
}

func TestNew(t *testing.T) {
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{5}-[0-9A-HJKMNP-TV-Z]{5}$`)
	seen := map[string]bool{}
	for range 200 {
		c := setupcode.New()
		if !form.MatchString(c) || seen[c] {
			t.Errorf("%s", c)
		}
		seen[c] = true
	}
}

func TestCheckTakesWhatPeopleType(t *testing.T) {
	for typed, want := range map[string]error{
		code: nil, "7q2km-0xtv9": nil, "7Q2KM0XTV9": nil, " 7Q2KM OXTV9": nil,
		"7Q2KM-0XTV8": setupcode.ErrWrong, "": setupcode.ErrWrong, "7Q2KM-0XTV9X": setupcode.ErrWrong,
	} {
		d := setupcode.NewDoor(newBox(t))
		if err := d.Check(typed); !errors.Is(err, want) {
			t.Errorf("%q: got %v, want %v", typed, err, want)
		}
	}
}

// Somebody else is shown the code as the label has it.
func TestLabel(t *testing.T) {
	for typed, want := range map[string]string{
		code: code, " 7q2km oxtv9 ": code, "7Q2KMOXTV9": code, "another Code ": "another Code", "7Q2KM-0XTVU": "7Q2KM-0XTVU", "": "",
	} {
		if got := setupcode.Label(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

// The file shows neither the code nor, by equal hashes, that two boxes have the same one.
func TestTheFileIsASaltedHash(t *testing.T) {
	var texts []string
	for range 2 {
		path := newBox(t)
		text, err := os.ReadFile(path)
		must(t, err)
		info, err := os.Stat(path)
		must(t, err)
		if info.Mode().Perm() != 0o600 || strings.Contains(string(text), code) || strings.Contains(string(text), "7Q2KM0XTV9") {
			t.Errorf("%v: %s", info.Mode(), text)
		}
		texts = append(texts, string(text))
	}
	if texts[0] == texts[1] || !strings.Contains(texts[0], "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("%q", texts)
	}
}

// guess gives the wait that a wrong guess is answered with; 0 if it is looked at.
func guess(t *testing.T, d *setupcode.Door) time.Duration {
	t.Helper()
	err := d.Check("wrong")
	if w, early := errors.AsType[*setupcode.WaitError](err); early {
		return w.For
	}
	if !errors.Is(err, setupcode.ErrWrong) {
		t.Fatal(err)
	}
	return 0
}

func TestGuessesBecomeSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := setupcode.NewDoor(newBox(t))
		for i, want := range []int{0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 900, 900} {
			got := guess(t, d)
			if got != time.Duration(want)*time.Second {
				t.Fatalf("guess %d: wait %s, want %d s", i+1, got, want)
			}
			if want == 0 {
				continue
			}
			time.Sleep(got - time.Second)
			if got := guess(t, d); got != time.Second {
				t.Fatalf("guess %d, a second early: wait %s", i+1, got)
			}
			if err := d.Check(code); err == nil {
				t.Fatalf("guess %d: the right code was taken too early", i+1)
			}
			time.Sleep(time.Second)
			if got := guess(t, d); got != 0 {
				t.Fatalf("guess %d, in time: wait %s", i+1, got)
			}
		}
		time.Sleep(15 * time.Minute)
		must(t, d.Check(code))
		for range 3 {
			if got := guess(t, d); got != 0 {
				t.Errorf("after the right code: wait %s", got)
			}
		}
	})
}

// Restarting the box gives no free guesses, and neither does a clock that jumps: each start waits anew.
func TestTheCountOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := newBox(t)
		d := setupcode.NewDoor(path)
		for range 3 {
			guess(t, d)
		}
		for range 3 {
			time.Sleep(9 * time.Second)
			d = setupcode.NewDoor(path)
			if got := guess(t, d); got != 10*time.Second {
				t.Errorf("after a restart: wait %s", got)
			}
		}
		time.Sleep(10 * time.Second)
		if got := guess(t, d); got != 0 {
			t.Errorf("10 s after the start: wait %s", got)
		}
		if got := guess(t, setupcode.NewDoor(path)); got != 20*time.Second {
			t.Errorf("after four wrong ones: wait %s", got)
		}
	})
}

// A guess that can't be counted is not looked at: beside a file with so long a name, no other can be written.
func TestNoGuessWithoutItsCount(t *testing.T) {
	text, err := os.ReadFile(newBox(t))
	must(t, err)
	path := filepath.Join(t.TempDir(), strings.Repeat("c", 250))
	must(t, os.WriteFile(path, text, 0o600))
	for _, c := range []string{code, "wrong"} {
		if err := setupcode.NewDoor(path).Check(c); err == nil || errors.Is(err, setupcode.ErrWrong) {
			t.Errorf("%s: got %v, want an error of the file", c, err)
		}
	}
}

func TestNoCode(t *testing.T) {
	if err := setupcode.NewDoor(filepath.Join(t.TempDir(), "none")).Check(code); !errors.Is(err, setupcode.ErrNoCode) {
		t.Errorf("got %v", err)
	}
}

func TestChangeAndReset(t *testing.T) {
	path := newBox(t)
	d := setupcode.NewDoor(path)
	if err := d.Change("1234-567"); !errors.Is(err, setupcode.ErrShort) {
		t.Errorf("a short code: %v", err)
	}
	must(t, d.Change("another code"))
	if err := d.Check(code); !errors.Is(err, setupcode.ErrWrong) {
		t.Errorf("the label's code: %v", err)
	}
	must(t, setupcode.NewDoor(path).Check("ANOTHER-CODE"))
	must(t, d.Reset())
	must(t, d.Check(code))
	if err := d.Check("another code"); !errors.Is(err, setupcode.ErrWrong) {
		t.Errorf("after the reset: %v", err)
	}
}

func TestResetForgetsWrongGuesses(t *testing.T) {
	d := setupcode.NewDoor(newBox(t))
	for range 3 {
		guess(t, d)
	}
	must(t, d.Reset())
	must(t, d.Check(code))
}

func TestDamagedFiles(t *testing.T) {
	for text, want := range map[string]error{
		"": nil, "{}": setupcode.ErrNoCode, `{"label":"x"}`: nil, `{"label":"$argon2id$v=19$m=99999999,t=2,p=1$AAAA$AAAA"}`: nil,
		`{"label":"$argon2id$v=19$m=8,t=1,p=1$AAAAAAAA$AA"}`: nil,
	} {
		path := filepath.Join(t.TempDir(), "code.json")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		err := setupcode.NewDoor(path).Check(code)
		if err == nil || errors.Is(err, setupcode.ErrWrong) || want != nil && !errors.Is(err, want) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
