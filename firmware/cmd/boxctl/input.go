package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/term"

	"syncbox/ota/release"
)

// input is what the flags say.
type input struct {
	language    string
	repo, into  string
	keys        list
	roles       list
	passphrases list
	ask         bool
	read        [][]byte // the passphrases, once they are read
	all         bool

	manifest, image  string
	floor            string
	notesFR, notesEN string
	settle, network  time.Duration
	factory          bool
	remove, add      list
	to, version      string
	board, stick     string
	at               bool
	spread, valid    time.Duration

	settings       string // of the broker and of who signs: see settings
	broker         list
	ca, cert, key  string
	root           string
	signerCommands list
	json           bool
	quiet, wait    time.Duration

	yes        bool
	names      list
	propose    string
	kept       bool
	typing     *bufio.Reader // what in gives
	job, level string
	id         string
	from       uint64
	limit      int
	groups     list
	noGroup    bool
	reconnect  int

	percent, memory  string
	wave             time.Duration
	stop             float64
	next, halt, anew bool

	authorityInput
}

// list is a flag that may be given several times.
type list []string

func (l *list) String() string     { return strings.Join(*l, ",") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func repoFlag(c *call) { c.flags.StringVar(&c.repo, "repo", "", "`folder` of the repository") }

func keysFlag(c *call) {
	c.flags.Var(&c.keys, "keys", "`folder` with keys; may be given several times")
}

func outFlag(c *call) { c.flags.StringVar(&c.into, "out", "", "`folder` for the keys") }

func roleFlag(c *call) {
	c.flags.Var(&c.roles, "role", "`role` of a key; may be given several times (default: all keys that a repository begins with)")
}

func passphraseFlags(c *call) {
	c.flags.Var(&c.passphrases, "passphrase", "`file` whose first line is the passphrase of keys; may be given several times")
	c.flags.BoolVar(&c.ask, "ask", false, "ask for the passphrases of keys")
}

// open reads the repository and the keys.
func (c *call) open() (*release.Repo, release.Keys, error) {
	repo, err := release.Open(c.repo)
	if err != nil {
		return nil, nil, err
	}
	keys, err := c.readKeys()
	return repo, keys, err
}

func (c *call) readKeys() (release.Keys, error) {
	passphrases, err := c.readPassphrases()
	if err != nil {
		return nil, err
	}
	return release.ReadKeys(passphrases, c.keys...)
}

// readPassphrases gives those of files, and those that are typed, up to an empty one.
func (c *call) readPassphrases() ([][]byte, error) {
	if c.read != nil {
		return c.read, nil
	}
	all := [][]byte{}
	for _, path := range c.passphrases {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		first, _, _ := bytes.Cut(b, []byte("\n"))
		if first = bytes.TrimSuffix(first, []byte("\r")); len(first) == 0 {
			return nil, fmt.Errorf("read passphrase %s: it is empty", path)
		}
		all = append(all, first)
	}
	for c.ask {
		p, err := c.typed("ask-next")
		if err != nil {
			return nil, err
		}
		if len(p) == 0 {
			break
		}
		all = append(all, p)
	}
	c.read = all
	return all, nil
}

// typed asks for a passphrase; at a terminal it is not shown.
func (c *call) typed(key string) ([]byte, error) {
	fmt.Fprint(c.errw, c.words.Text("boxctl."+key, nil), " ")
	f, ok := c.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil, errors.New("read passphrase: this is no terminal; -passphrase names a file")
	}
	defer fmt.Fprintln(c.errw)
	return term.ReadPassword(int(f.Fd()))
}

// newPassphrase gives the one that new keys are to have, which is typed twice; nil for none.
func (c *call) newPassphrase() ([]byte, error) {
	if !c.ask {
		all, err := c.readPassphrases()
		if len(all) > 1 {
			return nil, fmt.Errorf("%w: new keys have one passphrase", errUsage)
		}
		if err != nil || len(all) == 0 {
			return nil, err
		}
		return all[0], nil
	}
	first, err := c.typed("ask-new")
	if err != nil {
		return nil, err
	}
	again, err := c.typed("ask-again")
	if err != nil {
		return nil, err
	}
	if len(first) == 0 || !bytes.Equal(first, again) {
		return nil, errors.New("read passphrase: empty, or not twice the same")
	}
	return first, nil
}

// note reads a text for people; empty for no file.
func note(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(b))
	if len(text) > maxNote {
		return "", fmt.Errorf("read note %s: %d bytes, at most %d", filepath.Base(path), len(text), maxNote)
	}
	return text, nil
}

// maxNote keeps the signed targets small: each payload of a release carries the notes.
const maxNote = 1000
