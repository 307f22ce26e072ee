package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncbox/ota/order"
)

type command struct {
	flags []func(*call)
	takes []string // what the arguments are; the last one may end with "…"
	needs []string // flags that must be given
	run   func(*call) error
}

// commands gives all commands by name.
func commands() map[string]command {
	signing := []func(*call){repoFlag, keysFlag, passphraseFlags}
	wish := []func(*call){signingFlags, wishFlags}
	asked := []string{"repo", "to", "version"}
	all := map[string]command{
		"help":            {run: help},
		"keys new":        {flags: []func(*call){outFlag, roleFlag, passphraseFlags}, needs: []string{"out"}, run: newKeys},
		"keys show":       {flags: signing, run: showKeys},
		"release init":    {flags: signing, needs: []string{"repo", "keys"}, run: initialise},
		"release publish": {flags: append(slices.Clone(signing), publishFlags), needs: []string{"repo", "keys", "manifest"}, run: publish},
		"release refresh": {flags: append(slices.Clone(signing), allFlag), needs: []string{"repo", "keys"}, run: refresh},
		"release rotate":  {flags: append(slices.Clone(signing), rotateFlags), needs: []string{"repo", "keys"}, run: rotate},
		"release check":   {flags: []func(*call){repoFlag}, needs: []string{"repo"}, run: check},
		"wish":            {flags: wish, needs: asked, run: func(c *call) error { return signWish(c, false) }},
		"downgrade":       {flags: wish, needs: asked, run: func(c *call) error { return signWish(c, true) }},
	}
	maps.Copy(all, boxCommands())
	maps.Copy(all, authorityCommands())
	return all
}

// boxCommands gives those that speak with boxes over the broker.
func boxCommands() map[string]command {
	box, boxes := []string{"BOX"}, []string{"BOX…"}
	look := []func(*call){brokerFlags, quietFlag}
	with := func(more ...func(*call)) []func(*call) { return append([]func(*call){sendFlags}, more...) }
	return map[string]command{
		"list":     {flags: look, run: listBoxes},
		"show":     {flags: look, takes: box, run: showBox},
		"watch":    {flags: []func(*call){brokerFlags}, run: watchBoxes},
		"journal":  {flags: with(journalFlags), takes: box, run: showJournal},
		"identify": {flags: with(), takes: boxes, run: simple(errand{op: order.Identify})},
		"diag":     {flags: with(), takes: boxes, run: diag},
		"sync":     {flags: with(jobFlag), takes: boxes, run: ofJob(order.Sync)},
		"start":    {flags: with(jobFlag), takes: boxes, run: ofJob(order.Start)},
		"stop":     {flags: with(jobFlag), takes: boxes, run: ofJob(order.Stop)},
		"renew":    {flags: with(), takes: boxes, run: simple(errand{op: order.Renew})},
		"cancel":   {flags: with(yesFlag, idFlag), takes: boxes, run: cancel},
		"reboot":   {flags: with(dangerFlags), takes: boxes, run: simple(errand{op: order.Reboot, life: order.ShortLife})},
		"resync":   {flags: with(dangerFlags, jobFlag, levelFlag("1 compares with the map as it is, 2 makes the map anew")), takes: boxes, run: resync},
		"reset":    {flags: with(dangerFlags, resetFlags), takes: boxes, run: reset},
		"config":   {flags: with(dangerFlags), takes: []string{"BOX", "KEY=VALUE…"}, run: setValues},
		"update":   {flags: with(dangerFlags, updateFlags), takes: []string{"BOX", "VERSION"}, run: update},
		"rollout":  {flags: []func(*call){brokerFlags, signingFlags, rolloutFlags}, takes: []string{"GROUP", "VERSION"}, run: rollout},
		"cosign":   {flags: []func(*call){settingsFlag, signingFlags, yesFlag, namesFlag}, takes: []string{"FILE"}, run: cosign},
		"send":     {flags: []func(*call){brokerFlags, rootFlags, waitFlag, yesFlag, resendFlags}, takes: []string{"FILE"}, run: sendFile},
	}
}

// commandOf splits a command line into the name of a command, one word or two, and the rest.
func commandOf(args []string) (name string, rest []string) {
	if len(args) == 0 || args[0] == "-h" || args[0] == "-help" || args[0] == "--help" {
		return "help", nil
	}
	if _, one := commands()[args[0]]; !one && len(args) > 1 {
		return args[0] + " " + args[1], args[2:]
	}
	return args[0], args[1:]
}

func help(c *call) error {
	c.say("usage")
	for _, name := range slices.Sorted(maps.Keys(commands())) {
		key := "boxctl.help-" + strings.ReplaceAll(name, " ", "-")
		fmt.Fprintf(c.out, "  %-15s %s\n", name, c.words.Text(key, nil))
	}
	return nil
}
