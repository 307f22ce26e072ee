package enrol

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

var errCut = errors.New("the power was cut")

// how says what a cut leaves of the operation that it ends.
type how int

const (
	before how = iota // nothing but a piece of a file beside the others
	after             // all of it
	ways
)

// cutter is a disk whose power is cut in one operation; from then on it does nothing.
type cutter struct {
	at, done int
	how      how
}

// next tells whether an operation is done, and whether the power is cut in it or was before.
func (c *cutter) next() (do, cut bool) {
	c.done++
	return c.done < c.at || c.done == c.at && c.how == after, c.done >= c.at
}

func (c *cutter) folder(path string) (folder, error) {
	f, err := openFolder(path)
	write, remove := f.write, f.remove
	f.write = func(path string, text []byte) error {
		do, cut := c.next()
		if do {
			err := write(path, text)
			if cut {
				err = errors.Join(err, errCut)
			}
			return err
		}
		aside := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s%d", filepath.Base(path), c.done))
		return errors.Join(os.WriteFile(aside, text[:len(text)/2], 0o600), errCut)
	}
	f.remove = func(path string) error {
		do, cut := c.next()
		var err error
		if do {
			err = remove(path)
		}
		if cut {
			err = errors.Join(err, errCut)
		}
		return err
	}
	return f, err
}

// birth is when lives begin.
var birth = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// ca is an authority without files.
type ca struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newCA(t *testing.T) *ca {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &ca{&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Boxes of Example"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: birth.AddDate(-1, 0, 0), NotAfter: birth.AddDate(10, 0, 0)}, key}
	der, err := x509.CreateCertificate(rand.Reader, c.cert, c.cert, &key.PublicKey, key)
	if err == nil {
		c.cert, err = x509.ParseCertificate(der)
	}
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// sign gives a box a certificate for a year, PEM.
func (c *ca) sign(t *testing.T, public *ecdsa.PublicKey, now time.Time) []byte {
	t.Helper()
	like := &x509.Certificate{SerialNumber: big.NewInt(now.Unix()), Subject: pkix.Name{CommonName: "syncbox-1a2b"}, NotBefore: now, NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, like, c.cert, public, c.key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// life is a box from its first start to its second certificate.
type life struct {
	t       *testing.T
	dir     string
	ca      *ca
	now     time.Time
	box     *Identity
	asked   string // fingerprint of the first request
	proved  bool   // a certificate has connected
	renewed bool   // the second one was put on trial: the disk said so
}

func (l *life) open(f folder, err error) error {
	if err != nil {
		return err
	}
	l.box, err = open(Config{
		Folder: l.dir, Box: "syncbox-1a2b", Settings: func() Settings { return Settings{On: true} },
		Clock: func() (time.Time, bool) { return l.now, true }, Changed: func() {},
		Chance: func(int64) int64 { return 0 }, Log: slog.New(slog.DiscardHandler),
	}, f)
	return err
}

// steps are what happens in a life. Each may be done once more after a cut.
var steps = []func(*life) error{
	func(l *life) error { l.asked = l.box.Fingerprint(); return nil },
	func(l *life) error { return l.box.Install(nil, encodePEM([]*x509.Certificate{l.ca.cert})) },
	func(l *life) error { return l.box.Claim("C0FFEE1A2B", "7Q2KM-0XTV9") },
	(*life).install,
	(*life).connect,
	func(l *life) error { l.now = l.now.Add(250 * 24 * time.Hour); return nil },
	(*life).install,
	func(l *life) error { l.renewed = true; return nil },
	(*life).refuse,
	(*life).connect,
	func(l *life) error { l.box.spare = false; return nil },
	(*life).connect,
}

func (l *life) install() error {
	return l.box.Install(l.ca.sign(l.t, &l.box.key.PublicKey, l.now), nil)
}

func (l *life) refuse() error {
	if _, _, err := l.box.Credentials(l.t.Context()); err != nil {
		return err
	}
	l.box.Refused()
	return nil
}

func (l *life) connect() error {
	if _, _, err := l.box.Credentials(l.t.Context()); err != nil {
		return err
	}
	l.box.Connected()
	l.proved = true
	return nil
}

// holds says what is wrong with a box that was cut off and starts again.
func (l *life) holds() error {
	switch _, _, err := l.box.Credentials(l.t.Context()); {
	case l.asked != "" && l.box.Fingerprint() != l.asked:
		return errors.New("it has another key than that of its request")
	case l.proved && err != nil:
		return fmt.Errorf("it had a certificate that connected: %w", err)
	case l.proved && l.box.wallet.proved == nil && l.box.wallet.trial == nil:
		return errors.New("no certificate is left")
	case l.renewed && l.box.wallet.proved == nil:
		return errors.New("the old certificate went before the new one had connected")
	}
	for _, name := range []string{"claim.json", "state.json"} {
		if _, err := l.box.wallet.folder.getJSON(name, new(map[string]any)); err != nil {
			return err
		}
	}
	return nil
}

// TestEveryCut cuts the power in each operation on the disk, starts the box again, and lets it go on from there.
func TestEveryCut(t *testing.T) {
	t.Parallel()
	authority := newCA(t)
	cuts := 0
	for at := 1; ; at++ {
		ended := false
		for how := before; how < ways; how++ {
			ended = cutOnce(t, authority, &cutter{at: at, how: how})
			cuts++
		}
		if ended {
			break
		}
	}
	if cuts < 20 {
		t.Errorf("only %d cuts", cuts)
	}
}

// cutOnce lives a life that is cut, and tells whether it came to its end before.
func cutOnce(t *testing.T, authority *ca, c *cutter) (ended bool) {
	t.Helper()
	l := &life{t: t, dir: filepath.Join(t.TempDir(), "identity"), ca: authority, now: birth}
	step := 0
	var err error
	if err = l.open(c.folder(l.dir)); err == nil {
		for ; step < len(steps) && c.done < c.at; step++ {
			if err = steps[step](l); err != nil || c.done >= c.at {
				break
			}
		}
	}
	if err != nil && !errors.Is(err, errCut) {
		t.Fatalf("cut %+v: step %d: %v", *c, step, err)
	}
	ended = c.done < c.at
	if err := l.open(openFolder(l.dir)); err != nil {
		t.Fatalf("cut %+v: start: %v", *c, err)
	}
	if err := l.holds(); err != nil {
		t.Errorf("cut %+v in step %d: %v", *c, step, err)
	}
	for ; step < len(steps); step++ {
		if err := steps[step](l); err != nil {
			t.Errorf("cut %+v: step %d once more: %v", *c, step, err)
		}
	}
	l.finished(c)
	return ended
}

// finished wants the end of every life: one certificate, the second one, and nothing beside it.
func (l *life) finished(c *cutter) {
	s := l.box.Status()
	if s.Trial || !s.Until.After(l.now.Add(360*24*time.Hour)) {
		l.t.Errorf("cut %+v: in the end %+v", *c, s)
	}
	all, err := os.ReadDir(l.dir)
	if err != nil || len(all) > 5 {
		l.t.Errorf("cut %+v: files %v, %v", *c, all, err)
	}
	for _, e := range all {
		if e.Name()[0] == '.' {
			l.t.Errorf("cut %+v: left %s", *c, e.Name())
		}
	}
}
