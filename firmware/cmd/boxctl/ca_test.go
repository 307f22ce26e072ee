package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"syncbox/firmware/internal/enrol"
)

// pocket is a stick that people carry between box and authority.
type pocket string

func (p pocket) ReadFile(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(string(p), name))
}

func (p pocket) WriteFile(name string, text []byte) error {
	return os.WriteFile(filepath.Join(string(p), name), text, 0o644)
}

// identity NAME FOLDER: the box NAME has a stick put in; it prints whether it took a certificate, whether it asks for one, and
// why it does not take what is there.
func identity(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: identity NAME FOLDER")
	}
	box, err := enrol.Open(enrol.Config{
		Folder: ts.MkAbs("identity-" + args[0]), Box: args[0], Settings: func() enrol.Settings { return enrol.Settings{On: true} },
		Clock: func() (time.Time, bool) { return time.Now(), true }, Changed: func() {},
		Chance: func(int64) int64 { return 0 }, Log: slog.New(slog.DiscardHandler),
	})
	ts.Check(err)
	stick := ts.MkAbs(args[1])
	ts.Check(os.MkdirAll(stick, 0o755))
	installed, asked, err := box.Exchange(pocket(stick))
	if err != nil {
		fmt.Fprintln(ts.Stdout(), enrol.CodeOf(err))
	}
	for word, so := range map[string]bool{"installed": installed, "asked": asked} {
		if so {
			fmt.Fprintln(ts.Stdout(), word)
		}
	}
	if installed {
		_, err = box.TLS()
		ts.Check(err)
	}
}
