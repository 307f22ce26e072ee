package main

import (
	"context"

	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/locale"
)

// story is what is played with a pair: its two products, the people who work in them, and what has to come of it.
type story interface {
	// open starts both products; dir is an empty folder. It gives what a box's settings say, from the first job on, and its secrets.
	open(dir string, o options) (settings, secrets string, err error)
	// signIn does what a technician does at a running box before its first sync; nothing where there is nothing to do.
	signIn(ctx context.Context, with *app.SignIns) error

	// whole holds one side against the other after the first sync.
	whole() error
	// play has people work on both sides, judges what came of it, and gives what one reads of that in the check's line.
	play(ctx context.Context, s *stage) (line string, err error)

	// intro and first give the text that tells what there is, and that the first sync is done.
	intro() (key string, args map[string]string)
	first() (key string, args map[string]string)
	// work does before the edits what a technician does, with words for it, and then edits something on either side by turns until
	// ctx ends, and tells how it arrives.
	work(ctx context.Context, s *stage, p *locale.Printer) error

	close() error
}

// ticked is a story in which nothing is written before a person has seen it and ticked.
type ticked interface {
	// firstLook sees what the first sync would do, and has the box do it.
	firstLook(ctx context.Context, s *stage) error
}

// stories are those of the pairs that the demo knows.
var stories = map[string]func() story{
	"acomba-centrixone":      func() story { return &accounts{company: &acombaCompany{}} },
	"quickbooks-centrixone":  func() story { return &accounts{company: &quickBooksCompany{}} },
	"bob50-sagecrm":          func() story { return &parties{} },
	"sagex3-outlook":         func() story { return &colleagues{} },
	"sage50-salesmanagement": func() story { return &dossier{} },
}
