package acomba

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"syncbox/connectors"
	"syncbox/connectors/share"
)

// Publish shows exactly these changes in a file for the person who keys them. Each version has a name
// of its own; older ones go once it is verified, and what a power cut left of one. The same changes again write nothing, and no changes
// leave no file. Somebody who has an older file open keeps it until the next call, which is told by
// handoff-file-busy (Busy): what was to be shown is there all the same.
func (w *Writer) Publish(ctx context.Context, changes []connectors.Handoff) error {
	if !w.set.writes() || w.parts.Drops == nil {
		if len(changes) == 0 {
			return nil
		}
		return refusal(CodeNotWritable, "mode off")
	}
	names, stumps, err := w.versions(ctx)
	if err != nil {
		return err
	}
	old := append(slices.Clone(names), stumps...)
	if len(changes) == 0 {
		return w.removeAll(ctx, old)
	}
	shown, err := w.show(ctx, names, sheet(changes, w.set.zone()))
	if err != nil {
		return handoffFault(err)
	}
	return w.removeAll(ctx, slices.DeleteFunc(old, func(name string) bool { return name == shown }))
}

// versions lists the files that are there, the newest first, and those that a power cut left unfinished.
func (w *Writer) versions(ctx context.Context) (names, stumps []string, err error) {
	names, stumps, err = w.parts.Drops.List(ctx, w.set.folder())
	if err != nil {
		return nil, nil, handoffFault(err)
	}
	names = slices.DeleteFunc(slices.Clone(names), w.foreign)
	slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	return names, slices.DeleteFunc(slices.Clone(stumps), w.foreign), nil
}

// foreign says whether a file in the folder is none of ours.
func (w *Writer) foreign(name string) bool {
	_, ours := w.stampOf(name)
	return !ours
}

// show makes sure that one file holds the content and gives its name.
func (w *Writer) show(ctx context.Context, names []string, content []byte) (string, error) {
	for _, name := range names {
		switch err := w.parts.Drops.Drop(ctx, w.set.folder(), name, content); share.ClassOf(err) {
		case share.Conflict, share.Busy: // another version, or one that can't be looked at now
		default:
			return name, err
		}
	}
	stamp := wallClock(w.parts.Now().In(w.set.zone()))
	if len(names) > 0 {
		if newest, ok := w.stampOf(names[0]); ok && !stamp.After(newest) {
			stamp = newest.Add(time.Second) // the newest file is the one with the latest name
		}
	}
	name := w.prefix() + stamp.Format(stampForm) + handoffSuffix
	return name, w.parts.Drops.Drop(ctx, w.set.folder(), name, content)
}

// removeAll takes older versions away and gives the first error, having tried them all.
func (w *Writer) removeAll(ctx context.Context, names []string) error {
	var first error
	for _, name := range names {
		if err := w.parts.Drops.Remove(ctx, w.set.folder(), name); err != nil && first == nil {
			first = handoffFault(err)
		}
	}
	return first
}

const (
	handoffPrefix = "A-SAISIR_"
	handoffSuffix = ".csv"
	stampForm     = "20060102-150405"
)

// prefix is what the names of all versions begin with.
func (w *Writer) prefix() string { return handoffPrefix + fileName(w.set.Company) + "_" }

// wallClock gives what a clock on the wall shows, to the second and as if it never went back in autumn.
func wallClock(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// stampOf gives the wall clock in the name of a hand-off file of this company.
func (w *Writer) stampOf(name string) (time.Time, bool) {
	middle, found := strings.CutPrefix(name, w.prefix())
	middle, csv := strings.CutSuffix(middle, handoffSuffix)
	t, err := time.Parse(stampForm, middle)
	return t, found && csv && err == nil && len(middle) == len(stampForm)
}

// fileName makes a text that Windows takes in a file's name.
func fileName(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`<>:"/\|?*`, r) {
			return '_'
		}
		return r
	}, strings.Trim(s, " "))
}

// handoffFault gives an error of the hand-off folder its own words.
func handoffFault(err error) error {
	switch share.ClassOf(err) {
	case share.Busy:
		return &connectors.Error{Kind: connectors.Busy, Code: CodeHandoffBusy, Err: err}
	case share.Gone:
		return &connectors.Error{Kind: connectors.Unavailable, Code: CodeHandoffFolder, Err: err}
	}
	return err
}
