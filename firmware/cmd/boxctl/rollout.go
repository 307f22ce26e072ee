package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/firmware/internal/fleet"
	"syncbox/firmware/internal/support/wire"
	"syncbox/ota/order"
)

func rolloutFlags(c *call) {
	targetFlags(c)
	quietFlag(c)
	usual := fleet.Usual()
	c.flags.StringVar(&c.percent, "percent", strings.Trim(strings.ReplaceAll(fmt.Sprint(usual.Waves), " ", ","), "[]"), "waves, in `percent` of the group")
	c.flags.DurationVar(&c.wave, "wave", usual.Wave, "from one wave to the next, at least; where -spread says nothing, boxes begin within it")
	c.flags.Float64Var(&c.stop, "stop", usual.Stop, "halt when more than this `percent` of those that answered are bad")
	c.flags.StringVar(&c.memory, "state", "", "`file` that remembers how far it is (default: beside the settings)")
	c.flags.BoolVar(&c.next, "next", false, "go on to the next wave now, whatever the last one brought")
	c.flags.BoolVar(&c.halt, "halt", false, "halt it now")
	c.flags.BoolVar(&c.anew, "anew", false, "begin once more after a halt or an end, with other boxes first")
	c.flags.DurationVar(&c.valid, "valid", 6*24*time.Hour, "how long boxes follow a wave, at most a week; it is renewed at half of it")
	c.flags.BoolVar(&c.yes, "yes", false, "do not ask")
}

// rollout brings a release to a group, wave by wave, and watches it.
func rollout(c *call) error {
	if !wire.Plain(c.args[0]) {
		return fmt.Errorf("%w: %q is no name of a group", errUsage, c.args[0])
	}
	if c.valid > order.MaxLife {
		return fmt.Errorf("%w: -valid %s, at most %s", errUsage, c.valid, order.MaxLife)
	}
	d, err := c.dialer()
	if err != nil {
		return err
	}
	r, err := c.current()
	if err != nil {
		return err
	}
	if err := c.begin(r); err != nil {
		return err
	}
	v, err := fleet.Conduct{
		Rollout: r, Dialer: d, Quiet: c.quiet, Valid: c.valid, Keep: c.keep,
		Sign: func(_ context.Context, w order.Wave) (string, []byte, error) { return c.signWave(r, w) },
		Told: func(v fleet.Verdict, n fleet.Count) { c.tellWave(r, v, n) },
	}.Run(c.ctx)
	switch {
	case err != nil:
		return err
	case v == fleet.Halt:
		c.say("rollout-halted", "group", r.Group, "version", r.Target.Version.String())
		return ended(exitPartly)
	case v == fleet.Done:
		c.say("rollout-done", "group", r.Group, "version", r.Target.Version.String())
		return nil
	}
	c.say("rollout-left", "group", r.Group, "version", r.Target.Version.String())
	return ended(exitNoAnswer)
}

// stateFile says where it is remembered how far a rollout is.
func (c *call) stateFile() (string, error) {
	if c.memory != "" {
		return c.memory, nil
	}
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("%w: -state is needed: %w", errUsage, err)
	}
	dir = filepath.Join(dir, "syncbox")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	return filepath.Join(dir, "rollout-"+c.args[0]+"-"+c.args[1]+".json"), nil
}

// current reads the rollout that is under way, or makes one.
func (c *call) current() (*fleet.Rollout, error) {
	path, err := c.stateFile()
	if err != nil {
		return nil, err
	}
	c.memory = path
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || err == nil && c.anew {
		return c.newRollout()
	}
	if err != nil {
		return nil, err
	}
	r := &fleet.Rollout{}
	if err := json.Unmarshal(b, r); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if err := r.Plan.Check(); err != nil || r.Wave < 0 || r.Wave >= len(r.Plan.Waves) || r.Boxes == nil {
		return nil, errors.Join(fmt.Errorf("read %s: it is no rollout", path), err)
	}
	if r.Group != c.args[0] || r.Target.Version.String() != c.args[1] {
		return nil, fmt.Errorf("read %s: it is that of %s for %s", path, r.Target.Version, r.Group)
	}
	r.Recount()
	return r, nil
}

func (c *call) newRollout() (*fleet.Rollout, error) {
	plan := fleet.Plan{Stop: c.stop, Wave: c.wave}
	for text := range strings.SplitSeq(c.percent, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%w: -percent %q", errUsage, c.percent)
		}
		plan.Waves = append(plan.Waves, n)
	}
	if err := plan.Check(); err != nil {
		return nil, fmt.Errorf("%w: %w", errUsage, err)
	}
	if c.spread == 0 {
		c.spread = min(c.wave, order.MaxSpread*time.Second)
	}
	target, err := c.target(c.args[1])
	if err != nil {
		return nil, err
	}
	salt, err := order.NewID(time.Now(), rand.Reader)
	return fleet.NewRollout(c.args[0], *target, plan, salt), err
}

// begin does what the flags ask for, says what the rollout is about to do, and has the group's name typed.
func (c *call) begin(r *fleet.Rollout) error {
	switch {
	case c.halt:
		r.Halted = true
	case r.Halted || r.Ended:
		c.say("rollout-over", "group", r.Group, "version", r.Target.Version.String(), "file", c.memory)
		return ended(exitPartly)
	case c.next && !r.Advance():
		return fmt.Errorf("%w: -next: this is the last wave", errUsage)
	}
	key := "effect-rollout"
	if r.Halted {
		key = "effect-halt"
	}
	return c.confirm([]string{r.Group}, effect{key: key, fill: []string{"version", r.Target.Version.String(),
		"percent", strconv.Itoa(r.Order().Percent), "waves", fmt.Sprint(r.Plan.Waves), "stop", strconv.FormatFloat(r.Plan.Stop, 'f', -1, 64)}})
}

// signWave signs what the group is to know.
func (c *call) signWave(r *fleet.Rollout, w order.Wave) (string, []byte, error) {
	target := r.Target
	s, err := c.sign(order.Order{To: "grp:" + r.Group, Op: order.Rollout, Role: order.Fleet, Target: &target, Wave: &w}, c.valid)
	return s.ID, s.envelope, err
}

func (c *call) keep(r *fleet.Rollout) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return renameio.WriteFile(c.memory, b, 0o600)
}

// tellWave says how the rollout stands.
func (c *call) tellWave(r *fleet.Rollout, v fleet.Verdict, n fleet.Count) {
	if c.json {
		c.object(struct {
			Group   string        `json:"group"`
			Version string        `json:"version"`
			Wave    int           `json:"wave"` // counted from 1
			Percent int           `json:"percent"`
			Verdict fleet.Verdict `json:"verdict"`
			fleet.Count
		}{r.Group, r.Target.Version.String(), r.Wave + 1, r.Order().Percent, v, n})
		return
	}
	c.say("wave", "time", c.words.Time(time.Now()), "group", r.Group, "wave", strconv.Itoa(r.Wave+1), "percent", strconv.Itoa(r.Order().Percent),
		"taken", strconv.Itoa(n.Taken), "good", strconv.Itoa(n.Good), "bad", strconv.Itoa(n.Bad), "open", strconv.Itoa(n.Open()), "hoped", strconv.Itoa(n.Hoped))
}
