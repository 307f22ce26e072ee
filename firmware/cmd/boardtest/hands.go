package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// light shows each colour; only a person can see whether it does.
func (t *test) light(ctx context.Context) (string, error) {
	if !t.open {
		return "", skip("nobody is logged on")
	}
	t.person.Tell("try.light", t.p.Text("try.light", nil))
	answer, err := t.ask(ctx, "test-light")
	switch {
	case err != nil:
		return "", err
	case t.says(answer, "console.no-light"):
		return "", errors.New("the board has no light")
	}
	return "", t.yes("try.light-seen")
}

// button: a press reaches the box; it has no consequence.
func (t *test) button(ctx context.Context) (string, error) {
	if !t.open {
		return "", skip("nobody is logged on")
	}
	t.person.Tell("try.button", t.p.Text("try.button", nil))
	answer, err := t.ask(ctx, "test-button")
	switch {
	case err != nil:
		return "", err
	case t.says(answer, "console.button-fine"):
		return "", nil
	case t.says(answer, "console.no-button"):
		return "", errors.New("the board has no button")
	case t.says(answer, "console.button-stuck"):
		return "", errors.New("the button is stuck")
	}
	return "", errors.New("no press came")
}

// heard waits for an event of the box's log while a person does something.
func (t *test) heard(ctx context.Context, name string, pattern string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, forPerson)
	defer cancel()
	first := t.line.now()
	t.person.Tell(name, t.p.Text(name, nil))
	text, err := t.line.await(ctx, first, regexp.MustCompile(pattern))
	if err != nil {
		return "", err
	}
	return text, nil
}

// stages: held for more than half a minute, the light counts to four, and nothing is done.
func (t *test) stages(ctx context.Context) (string, error) {
	text, err := t.heard(ctx, "try.stages", `code=button-(cancelled|armed)|code=device-\S+`)
	switch {
	case err != nil:
		return "", err
	case !strings.Contains(text, "code=button-cancelled"):
		return "", errors.New("the button was let go too early")
	}
	return "", t.yes("try.stages-seen")
}

// memory has the box say what it uses, after a short press, which also begins a sync.
func (t *test) memory(ctx context.Context) (string, error) {
	text, err := t.heard(ctx, "try.press", `msg=status [^\n]*\n`)
	if err != nil {
		return "", err
	}
	used := regexp.MustCompile(`usage\.(\S+=\S+)`).FindAllStringSubmatch(text, -1)
	if len(used) == 0 {
		return "", errors.New("the box does not say what it uses")
	}
	var all []string
	for _, u := range used {
		all = append(all, u[1])
	}
	return strings.Join(all, " "), nil
}

// started waits until a board that starts is there again, and keeps what it said.
func (t *test) started(ctx context.Context, first int) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, forStart)
	defer cancel()
	begin := time.Now()
	text, err := t.line.await(ctx, first, regexp.MustCompile(`(?s)AB: slot [ab] part .*modules loaded.*\n`+regexp.QuoteMeta(t.name)+`> `))
	if err != nil {
		return "", err
	}
	t.open, t.boot = false, text
	slot := regexp.MustCompile(`AB: slot ([ab]) part`).FindStringSubmatch(text)
	_, err = t.ask(ctx, "lang "+t.p.Text("console.tongue", nil))
	return fmt.Sprintf("slot=%s seconds=%.1f", slot[1], time.Since(begin).Seconds()), err
}

// restart starts the box again by its console.
func (t *test) restart(ctx context.Context) (string, error) {
	if !t.open {
		return "", skip("nobody is logged on")
	}
	first := t.line.now()
	if err := t.line.types("reboot\r"); err != nil {
		return "", err
	}
	return t.started(ctx, first)
}

// modules: what this board needs was loaded when it started.
func (t *test) modules(context.Context) (string, error) {
	all := regexp.MustCompile(`msg="modules loaded" list=(\S+) count=(\d+) of=(\d+)`).FindAllStringSubmatch(t.boot, -1)
	if len(all) == 0 {
		return "", skip("the box was not started again")
	}
	var lists []string
	for _, m := range all {
		if m[2] != m[3] {
			return "", fmt.Errorf("%s: %s of %s modules", m[1], m[2], m[3])
		}
		lists = append(lists, m[1]+"="+m[2])
	}
	return strings.Join(lists, " "), nil
}

var boardLine = regexp.MustCompile(`msg=board model=(\S+)([^\n]*)`)

// board: the box knows what it runs on.
func (t *test) board(context.Context) (string, error) {
	found := boardLine.FindStringSubmatch(t.boot)
	switch {
	case found == nil:
		return "", skip("the box was not started again")
	case found[1] == "unknown" || found[1] == "no-device-tree":
		return "", fmt.Errorf("the box takes this for %s", found[1])
	case strings.Contains(t.boot, `msg=hardware code=`):
		return "", fmt.Errorf("%s: the box says that a part of it is broken", found[1])
	}
	return found[1], nil
}

// watchdog: there is one, and the box keeps it quiet. That it bites, nobody can try without a fault in the box.
func (t *test) watchdog(context.Context) (string, error) {
	found := boardLine.FindStringSubmatch(t.boot)
	if found == nil {
		return "", skip("the box was not started again")
	}
	if timeout := regexp.MustCompile(`watchdog\.timeout=(\S+)`).FindStringSubmatch(found[2]); timeout != nil {
		return "armed, timeout=" + timeout[1], nil
	}
	return "", errors.New("the board has none, or the box could not arm it")
}

// powerCut has a person pull the plug, and waits for the box.
func (t *test) powerCut(ctx context.Context) (string, error) {
	first := t.line.now()
	if err := t.yes("try.power"); err != nil {
		return "", err
	}
	return t.started(ctx, first)
}
