package authority

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Kind says what a certificate is for.
type Kind string

// Kinds.
const (
	Box     Kind = "box"
	Backend Kind = "backend" // one connection of a program of support
	Server  Kind = "server"  // a broker, an EST server
)

// lives are how long certificates hold.
var lives = map[Kind]time.Duration{Box: 365 * day, Backend: 800 * day, Server: 800 * day}

// ParseKind reads a kind's name.
func ParseKind(s string) (Kind, error) {
	if _, known := lives[Kind(s)]; !known {
		return "", fmt.Errorf("no kind %q: want box, backend or server", s)
	}
	return Kind(s), nil
}

// Record is a certificate in the register.
type Record struct {
	Serial      string // hexadecimal
	Kind        Kind
	Name        string
	Key         string // SHA-256 of the public key, hexadecimal
	From, Until time.Time
	Revoked     time.Time // zero = not
}

// Valid tells whether it counts at an instant.
func (r Record) Valid(now time.Time) bool { return r.Revoked.IsZero() && !now.After(r.Until) }

// Register is all certificates of an authority, in the order in which they were signed.
type Register []Record

const registerHead = "# serial\tkind\tname\tkey\tfrom\tuntil\trevoked\n"

// ReadRegister reads the register of a folder. It needs no key.
func ReadRegister(dir string) (all Register, err error) {
	path := filepath.Join(dir, registerFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s holds no authority: %w", dir, err)
	}
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		r, err := parseRecord(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("read %s: line %d: %w", path, n, err)
		}
		all = append(all, r)
	}
	return all, lines.Err()
}

func parseRecord(line string) (r Record, err error) {
	f := strings.Split(line, "\t")
	if len(f) != 7 {
		return r, fmt.Errorf("%d fields, want 7", len(f))
	}
	r = Record{Serial: f[0], Name: f[2], Key: f[3]}
	if r.Kind, err = ParseKind(f[1]); err != nil {
		return r, err
	}
	times := []*time.Time{&r.From, &r.Until, &r.Revoked}
	for i, text := range f[4:] {
		if text == "-" {
			continue
		}
		if *times[i], err = time.Parse(time.RFC3339, text); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r Record) line() string {
	revoked := "-"
	if !r.Revoked.IsZero() {
		revoked = r.Revoked.UTC().Format(time.RFC3339)
	}
	return strings.Join([]string{r.Serial, string(r.Kind), r.Name, r.Key, r.From.UTC().Format(time.RFC3339), r.Until.UTC().Format(time.RFC3339), revoked}, "\t") + "\n"
}

// keep makes the register durable.
func (a *Authority) keep() error {
	var b strings.Builder
	b.WriteString(registerHead)
	for _, r := range a.register {
		b.WriteString(r.line())
	}
	return a.write(registerFile, []byte(b.String()), 0o644)
}

// Of gives the certificates of a name that count, the newest last. Names that differ in capitals alone are one.
func (all Register) Of(name string, now time.Time) (of Register) {
	for _, r := range all {
		if strings.EqualFold(r.Name, name) && r.Valid(now) {
			of = append(of, r)
		}
	}
	return of
}

// Newest gives the last certificate of each name that counts or has run out, by kind and name; a revoked one where there is
// nothing else.
func (all Register) Newest() (newest Register) {
	at := map[string]int{}
	for _, r := range all {
		i, known := at[r.Name]
		switch {
		case !known:
			at[r.Name] = len(newest)
			newest = append(newest, r)
		case r.Revoked.IsZero() || !newest[i].Revoked.IsZero():
			newest[i] = r
		}
	}
	slices.SortFunc(newest, func(a, b Record) int {
		return strings.Compare(string(a.Kind)+"\t"+a.Name, string(b.Kind)+"\t"+b.Name)
	})
	return newest
}

// Due tells whether a new certificate is to be had: in the last third of its life.
func (r Record) Due(now time.Time) bool {
	return r.Revoked.IsZero() && now.After(r.From.Add(r.Until.Sub(r.From)/3*2))
}
