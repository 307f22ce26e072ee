package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

type command struct {
	flags []func(*call)
	needs []string // flags that must be given
	run   func(*call) error
}

// commands gives all commands by name.
func commands() map[string]command {
	signing := []func(*call){repoFlag, keysFlag, passphraseFlags}
	wish := append(slices.Clone(signing), wishFlags)
	asked := []string{"repo", "keys", "to", "version"}
	return map[string]command{
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
