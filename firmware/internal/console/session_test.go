package console_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/firmware/internal/config"
	"syncbox/firmware/internal/console"
	"syncbox/firmware/internal/panel"
)

// terminal is a person's side of a line.
type terminal struct {
	t    testing.TB
	conn net.Conn
	mu   sync.Mutex // protects seen
	seen strings.Builder
	done chan error
}

// connect starts a console on a line of its own, inside a bubble.
func (r *rig) connect(ctx context.Context, c *console.Console) *terminal {
	mine, its := net.Pipe()
	term := &terminal{t: r.t, conn: mine, done: make(chan error, 1)}
	go func() { term.done <- c.Serve(ctx, its); _ = its.Close() }()
	go func() {
		buf := make([]byte, 256)
		for {
			n, err := mine.Read(buf)
			term.mu.Lock()
			term.seen.Write(buf[:n])
			term.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	synctest.Wait()
	return term
}

// types types and gives what is shown until nothing more comes.
func (term *terminal) types(text string) string {
	term.t.Helper()
	term.take()
	_, err := term.conn.Write([]byte(text))
	must(term.t, err)
	synctest.Wait()
	return term.take()
}

func (term *terminal) take() string {
	term.mu.Lock()
	defer term.mu.Unlock()
	text := term.seen.String()
	term.seen.Reset()
	return text
}

// hangsUp ends the line and gives the error of the console.
func (term *terminal) hangsUp() error {
	_ = term.conn.Close()
	return <-term.done
}

func shows(t *testing.T, what, got, want string) {
	t.Helper()
	if !strings.Contains(got, want) {
		t.Errorf("%s: got %q, want %q in it", what, got, want)
	}
}

func TestIdleLogsOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		term := r.connect(t.Context(), console.New(r.conf))
		term.types("connexion\r" + code + "\r")
		for range 3 {
			time.Sleep(9 * time.Minute)
			shows(t, "a letter within ten minutes", term.types("x\b"), "x")
		}
		shows(t, "still logged on", term.types("\r"), "syncbox-7Q2K# ")
		time.Sleep(10*time.Minute + time.Second)
		synctest.Wait()
		shows(t, "after ten minutes", term.take(), "Session fermée.")
		shows(t, "logged off", term.types("redemarrer\r"), "Tapez connexion.")
		time.Sleep(time.Hour)
		shows(t, "still there", term.types("\r"), "syncbox-7Q2K> ")
		if err := term.hangsUp(); err == nil {
			t.Error("the end of the line is no error")
		}
		if len(r.acts) > 0 {
			t.Errorf("done: %v", r.acts)
		}
	})
}

// Somebody who goes away in the middle of a question is logged off as well.
func TestIdleInAQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		term := r.connect(t.Context(), console.New(r.conf))
		term.types("connexion\r" + code + "\rreinitialiser complet\r")
		time.Sleep(11 * time.Minute)
		shows(t, "the name, too late", term.types("syncbox-7Q2K\r"), "Commande inconnue.")
		if len(r.acts) > 0 {
			t.Errorf("done: %v", r.acts)
		}
		_ = term.hangsUp()
	})
}

func TestAnotherLineIsNotLoggedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		c := console.New(r.conf)
		term := r.connect(t.Context(), c)
		shows(t, "log on", term.types("connexion\r"+code+"\r"), "syncbox-7Q2K# ")
		_ = term.hangsUp()
		term = r.connect(t.Context(), c)
		shows(t, "the next one", term.types("\r"), "syncbox-7Q2K> ")
		_ = term.hangsUp()
	})
}

func TestCtrlC(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.tests.share = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		term := r.connect(t.Context(), console.New(r.conf))
		term.types("connexion\r" + code + "\r")
		term.types("essai-partage\r")
		hangs := term.types("typed ahead\r\x03")
		shows(t, "a test that hangs", hangs, "Annulé.\r\nsyncbox-7Q2K# ")
		if strings.Contains(hangs, "inconnue") {
			t.Errorf("what was typed ahead is carried out: %q", hangs)
		}
		term.types("secret job.north.crm_key\rNEW")
		shows(t, "a secret", term.types("\x03"), "Annulé.\r\nsyncbox-7Q2K# ")
		shows(t, "a line", term.types("redemarrer\x03"), "redemarrer\r\nsyncbox-7Q2K# ")
		term.types("essai-partage\r")
		time.Sleep(2*time.Minute + time.Second)
		synctest.Wait()
		shows(t, "nobody types Ctrl-C", term.take(), "Pas de réponse à temps.")
		_ = term.hangsUp()
		if len(r.acts) > 0 {
			t.Errorf("done: %v", r.acts)
		}
	})
}

// pipe is a line that closes once.
type pipe struct{ net.Conn }

func TestPartEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		mine, its := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, mine) }()
		p := console.Part{Open: func() (io.ReadWriteCloser, error) { return pipe{its}, nil }, Console: console.New(r.conf)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- p.Run(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ended with %v", err)
		}
		if _, err := mine.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the line is still open: %v", err)
		}
		wrong := errors.New("no such line")
		p.Open = func() (io.ReadWriteCloser, error) { return nil, wrong }
		if err := p.Run(t.Context()); !errors.Is(err, wrong) {
			t.Errorf("no line: %v", err)
		}
	})
}

// over has ended, and whoever derives from it has not heard of it yet.
type over struct{ context.Context }

func (over) Err() error { return context.Canceled }

// A line that was closed since the box ends is no failure, however late its reader hears why.
func TestLineClosedBeforeTheEndIsHeard(t *testing.T) {
	r := newRig(t)
	l := &line{Reader: strings.NewReader("")}
	if err := console.New(r.conf).Serve(over{context.Background()}, l); err != nil {
		t.Errorf("ended with %v", err)
	}
}

// planted are secrets, a customer's words, and what they become elsewhere.
var planted = []string{plantedPassword, plantedKey, plantedAccount, code, "7Q2KM0XTV9", "Typed-Secret-1", "TYPEDSECRET2", "Typed-Code-3", "Val-d'Or"}

// Nothing that was planted comes out, whatever is asked for and whatever fails: not on the screen, not in the log.
func TestSecretsAreNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.realDoor()
		looks := func(lang string) []string {
			return []string{"lang " + lang, "aide", "etat", "reseau", "essai-partage", "essai-crm", "essai-voyants", "reglages", "redemarrer", "secret",
				"reinitialiser complet", "syncbox-7Q2K", "inconnu", "accents oui"}
		}
		lines := slices.Concat(looks("fr"), looks("en"), []string{"journal", "connexion", "Typed-Code-3", "connexion", code}, looks("fr"),
			[]string{"connexion", code}, looks("en"), []string{"connexion", code, "secret job.north.share_password", "Typed-Secret-1", "Typed-Secret-1",
				"secret job.north.crm_key", "TYPEDSECRET2", "TYPEDSECRET2", "secret job.north.crm_key", "TYPEDSECRET2", "Typed-Secret-1",
				"regler job.north.share.server srv-9", "Typed-Secret-1", "Typed-Secret-1", "code", "Typed-Code-3", "Typed-Code-3", "reglages"})
		out := r.types(lines...)
		r.realDoor()
		r.conf.Act = func(context.Context, panel.Action) error { panic("crash with " + plantedKey + plantedPassword) }
		out += r.types(lines...) + r.logs.String() + fmt.Sprintf("%+v", r.kept.all)
		for _, secret := range planted {
			if strings.Contains(out, secret) {
				t.Errorf("%s comes out", secret)
			}
		}
		for _, want := range []string{"srv-9", "console command panicked", "settings-changed", "code-changed", "(set)", "Internal error"} {
			if !strings.Contains(out, want) {
				t.Errorf("no %q comes out: the test shows nothing", want)
			}
		}
		c, err := config.Load(filepath.Join(r.dir, "syncbox.toml"))
		if err != nil || string(c.Jobs[0].Share.Password) != "Typed-Secret-1" || c.Jobs[0].CentrixOne.APIKey != "TYPEDSECRET2" {
			t.Errorf("the secrets did not arrive: %v", err)
		}
	})
}

// fixedSettings take everything and stay as they are.
type fixedSettings []config.Setting

func (f fixedSettings) Settings() ([]config.Setting, error)              { return f, nil }
func (f fixedSettings) Set(...config.Change) (changed []string, _ error) { return nil, nil }

// FuzzServe holds: whatever comes in, logged on or not, the console reads it to the end without breaking.
func FuzzServe(f *testing.F) {
	for _, tt := range dialogues {
		f.Add([]byte(strings.Join(tt.lines, "\r")), true)
	}
	r := newRig(f)
	all, err := r.conf.Settings.Settings()
	must(f, err)
	r.conf.Settings, r.conf.Act = fixedSettings(all), func(context.Context, panel.Action) error { return nil }
	f.Fuzz(func(t *testing.T, typed []byte, open bool) {
		if open {
			typed = append([]byte("login\r"+code+"\r"), typed...)
		}
		var logs bytes.Buffer
		conf := r.conf
		conf.Door, conf.Log = &fakeDoor{code}, slog.New(slog.NewTextHandler(&logs, nil))
		l := &line{Reader: bytes.NewReader(typed)}
		if err := console.New(conf).Serve(t.Context(), l); !errors.Is(err, io.EOF) {
			t.Errorf("%q: ended with %v", typed, err)
		}
		if strings.Contains(logs.String(), "panicked") {
			t.Errorf("%q: %s", typed, logs.String())
		}
	})
}
