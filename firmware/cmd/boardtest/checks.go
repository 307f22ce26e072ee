package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"syncbox/firmware/internal/locale"
)

// person is somebody who stands at the board. What is said has a name besides its words.
type person interface {
	Tell(name, text string)
	Ask(name, text string) (answer string, err error)
}

// outcome is what came of a check.
type outcome string

// The outcomes.
const (
	passed  outcome = "ok"
	failed  outcome = "FAILED"
	skipped outcome = "skipped"
)

// result is what came of one check.
type result struct {
	name    string
	outcome outcome
	detail  string
}

// errSkip marks a check that could not be done; the text says why.
var errSkip = errors.New("")

func skip(why string) error { return fmt.Errorf("%w%s", errSkip, why) }

// How long the board may take for something.
const (
	forAnswer = 3 * time.Minute // a command waits for two at most
	forPrompt = time.Minute
	forPerson = 2 * time.Minute
	forStart  = 3 * time.Minute
	again     = 2 * time.Second // before it is asked once more
)

// test tries one board.
type test struct {
	line   *line
	p      *locale.Printer
	person person

	name string // the box's
	open bool   // somebody is logged on
	boot string // what the box said when it started last
}

func newTest(rw io.ReadWriter, p *locale.Printer, who person) *test {
	return &test{line: listen(rw), p: p, person: who}
}

// all does every check, in the order in which a person comes by. Without a console there is nothing else.
func (t *test) all(ctx context.Context) (results []result) {
	for _, c := range []struct {
		name string
		do   func(context.Context) (string, error)
	}{
		{"console", t.console}, {"status", t.status}, {"login", t.login}, {"network", t.network}, {"share", t.share}, {"crm", t.crm},
		{"light", t.light}, {"button", t.button}, {"stages", t.stages}, {"memory", t.memory}, {"restart", t.restart},
		{"modules", t.modules}, {"board", t.board}, {"watchdog", t.watchdog}, {"power-cut", t.powerCut},
	} {
		if ctx.Err() != nil {
			break
		}
		detail, err := c.do(ctx)
		r := result{c.name, passed, detail}
		switch {
		case errors.Is(err, errSkip):
			r.outcome, r.detail = skipped, err.Error()
		case err != nil:
			r.outcome, r.detail = failed, strings.Join(strings.Fields(err.Error()), " ")
		}
		results = append(results, r)
		t.person.Tell("result", fmt.Sprintf("%-10s %s %s", r.name, r.outcome, r.detail))
		if c.name == "console" && err != nil {
			break
		}
	}
	return results
}

var anyPrompt = regexp.MustCompile(`(?:^|\n)([A-Za-z0-9-]+)[>#] `)

// console finds somebody at the other end who speaks the language.
func (t *test) console(ctx context.Context) (string, error) {
	t.person.Tell("try.begin", t.p.Text("try.begin", nil))
	ctx, cancel := context.WithTimeout(ctx, forPrompt)
	defer cancel()
	first := t.line.now()
	if err := t.line.types("\x15\r"); err != nil { // what somebody has left on the line does not count
		return "", err
	}
	text, err := t.line.await(ctx, first, anyPrompt)
	if err != nil {
		return "", err
	}
	all := anyPrompt.FindAllStringSubmatch(text, -1)
	t.name = all[len(all)-1][1]
	if _, err := t.ask(ctx, "quitter"); err != nil {
		return "", err
	}
	_, err = t.ask(ctx, "lang "+t.p.Text("console.tongue", nil))
	return t.name, err
}

// ask types a command and gives the answer, up to the next prompt.
func (t *test) ask(ctx context.Context, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, forAnswer)
	defer cancel()
	first := t.line.now()
	if err := t.line.types(command + "\r"); err != nil {
		return "", err
	}
	answer, err := t.line.await(ctx, first, t.prompt())
	if err != nil {
		return answer, fmt.Errorf("%s: %w", command, err)
	}
	return answer, nil
}

// prompt is at the beginning of a line, and begins no line that is typed.
func (t *test) prompt() *regexp.Regexp {
	return regexp.MustCompile(`\n` + regexp.QuoteMeta(t.name) + `[>#] `)
}

// says tells whether an answer has a text of the product.
func (t *test) says(answer, key string) bool {
	return strings.Contains(letters(answer), letters(t.p.Text(key, nil)))
}

// yes asks the person.
func (t *test) yes(name string) error {
	for {
		answer, err := t.person.Ask(name, t.p.Text(name, nil))
		if err != nil {
			return err
		}
		switch strings.ToLower(answer) {
		case "y", "yes", "o", "oui":
			return nil
		case "n", "no", "non":
			return errors.New("the person says no")
		case "s", "":
			return skip("by the person")
		}
	}
}

// status: the console answers whoever stands there, once the box has started.
func (t *test) status(ctx context.Context) (string, error) {
	starting, cancel := context.WithTimeout(ctx, forStart)
	defer cancel()
	for {
		answer, err := t.ask(ctx, "status")
		switch {
		case err != nil:
			return "", err
		case t.says(answer, "code.config-missing"), t.says(answer, "code.config-incomplete"):
			return "not set up yet", nil
		case !t.says(answer, "console.no-box"):
			return "jobs run", nil
		}
		select {
		case <-time.After(again):
		case <-starting.Done():
			return "", errors.New("the box itself does not answer the console")
		}
	}
}

// login needs the code of the label, which the console does not echo.
func (t *test) login(ctx context.Context) (string, error) {
	code, err := t.person.Ask("try.code", t.p.Text("try.code", nil))
	if err != nil {
		return "", err
	}
	if code == "" {
		return "", skip("no code")
	}
	first := t.line.now()
	if err := t.line.types("login\r"); err != nil {
		return "", err
	}
	asked, cancel := context.WithTimeout(ctx, forPrompt)
	defer cancel()
	if _, err := t.line.await(asked, first, regexp.MustCompile(`login\r?\n(?:time=[^\n]*\n)*[^\n]*: `)); err != nil {
		return "", err
	}
	answer, err := t.ask(ctx, code)
	if err != nil {
		return "", errors.New("the console does not answer the code") // never with what was typed
	}
	if !t.says(answer, "console.logged-on") {
		return "", errors.New("the code is refused")
	}
	t.open = true
	return "", nil
}

var addresses = regexp.MustCompile(`\d+\.\d+\.\d+\.\d+/\d+`)

// network: there is a cable, and the network gave an address.
func (t *test) network(ctx context.Context) (string, error) {
	answer, err := t.opened(ctx, "network")
	if err != nil {
		return "", err
	}
	address := addresses.FindString(answer)
	switch {
	case !t.says(answer, "console.cable-in"):
		return "", errors.New("no cable, or nothing at its other end")
	case address == "":
		return "", errors.New("no address")
	}
	return address, nil
}

// opened asks what only somebody who is logged on is told.
func (t *test) opened(ctx context.Context, command string) (string, error) {
	if !t.open {
		return "", skip("nobody is logged on")
	}
	return t.ask(ctx, command)
}

func (t *test) share(ctx context.Context) (string, error) {
	return t.job(ctx, "test-share", "console.share-fine")
}

func (t *test) crm(ctx context.Context) (string, error) {
	return t.job(ctx, "test-crm", "console.crm-fine")
}

// job tries what the jobs need, if there are any.
func (t *test) job(ctx context.Context, command, fine string) (string, error) {
	answer, err := t.opened(ctx, command)
	switch {
	case err != nil:
		return "", err
	case t.says(answer, fine):
		return "", nil
	case t.says(answer, "code.config-missing"), t.says(answer, "code.config-incomplete"):
		return "", skip("not set up yet")
	}
	return "", fmt.Errorf("the box says: %s", logLine.ReplaceAllString(answer, ""))
}
