package main

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"syncbox/connectors"
	"syncbox/connectors/quickbooks"
	"syncbox/firmware/internal/locale"
)

// desk is a sign-in whose relay has the tokens after some questions; 0 = never.
type desk struct {
	after int
	asked []string
	fails map[string]error // by step or pasted address
}

func (d *desk) Begin(_ context.Context, job string) (string, error) {
	d.asked = append(d.asked, "begin "+job)
	return "https://appcenter.example/connect", d.fails["begin"]
}

func (d *desk) Collect(context.Context, string) (bool, error) {
	d.after--
	return d.after == 0, d.fails["collect"]
}

func (d *desk) Finish(_ context.Context, _, pasted string) error {
	d.asked = append(d.asked, "finish")
	return d.fails[pasted]
}

func (d *desk) Disconnect(_ context.Context, job string) error {
	d.asked = append(d.asked, "disconnect "+job)
	return d.fails["disconnect"]
}

func coded(code string) error { return connectors.Errorf(connectors.Rejected, code, "for a reason") }

// A person gets the link; then the relay tells that somebody has signed in, or the address is pasted, a wrong one first.
//
// Requirement: QBO-4
func TestConnectCommand(t *testing.T) {
	for _, tt := range []struct {
		name  string
		desk  desk
		lines string
		want  string // of the error
		says  []string
		asked []string
	}{
		{"the relay tells", desk{after: 5}, "", "", []string{"https://appcenter.example/connect", "connectée"}, []string{"begin qb"}},
		{"pasted", desk{fails: map[string]error{"x": coded(quickbooks.CodePasteUnreadable)}}, "x\nhttps://relay.example/back\n", "",
			[]string{"barre d'adresse", "connectée"}, []string{"begin qb", "finish", "finish"}},
		{"Enter asks at once", desk{after: 1}, "\n", "", []string{"connectée"}, []string{"begin qb"}},
		{"over", desk{fails: map[string]error{"collect": coded(quickbooks.CodeStateOver)}}, "", "for a reason", nil, []string{"begin qb"}},
		{"nobody comes", desk{}, "", context.DeadlineExceeded.Error(), nil, []string{"begin qb"}},
		{"the relay is away at first", desk{fails: map[string]error{"begin": coded(quickbooks.CodeRelay)}}, "", "for a reason", nil, []string{"begin qb"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, err := locale.New("fr-CA", nil)
				if err != nil {
					t.Fatal(err)
				}
				var out strings.Builder
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				err = signIn(ctx, &tt.desk, "qb", linesOf(ctx, strings.NewReader(tt.lines)), words{p, &out})
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				for _, text := range tt.says {
					if !strings.Contains(out.String(), text) {
						t.Errorf("says %q, without %q", out.String(), text)
					}
				}
				if !slices.Equal(tt.desk.asked, tt.asked) {
					t.Errorf("asked for %v, want %v", tt.desk.asked, tt.asked)
				}
			})
		})
	}
}

// The connection ends even where Intuit can't be told, which is said.
func TestDisconnectCommand(t *testing.T) {
	p, err := locale.New("en", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		err    error
		failed bool
		says   string
	}{
		{"ended", nil, false, "disconnected"},
		{"Intuit was not told", coded(quickbooks.CodeNotRevoked), false, "Intuit could not be told"},
		{"not ended", coded(quickbooks.CodeTokens), true, ""},
	} {
		var out strings.Builder
		got := signOut(t.Context(), &desk{fails: map[string]error{"disconnect": tt.err}}, "qb", words{p, &out})
		if (got != nil) != tt.failed || tt.failed && !errors.Is(got, tt.err) || !strings.Contains(out.String(), tt.says) {
			t.Errorf("%s: got %v and %q", tt.name, got, out.String())
		}
	}
}
