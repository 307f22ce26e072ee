// Package legs keeps when each quote of Sage Sales Management reached which station on its way to Sage 50 and back: representatives
// wait for it, and what the box takes of that is to be told apart from what Sage and the person who imports take.
//
//	asked ─▶ seen ─▶ written ─▶ taken ─▶ shown ─▶ complete
//	 t0       t1       t2         t3       t4        t5
//
// Nothing here decides anything: a time that is not known leaves a figure without it.
package legs

import (
	"encoding/json"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/renameio/v2"
)

// What bounds a Book. What is older, or too much, is forgotten.
const (
	most   = 1000               // trips
	oldest = 7 * 24 * time.Hour // of one that is under way
)

// trip is the way of one quote. All times are of the box's clock; zero where they are not known.
type trip struct {
	Reference string    `json:"reference"`
	Asked     time.Time `json:"asked,omitzero"`
	Seen      time.Time `json:"seen,omitzero"`
	Written   time.Time `json:"written,omitzero"`
	Taken     time.Time `json:"taken,omitzero"`
	Shown     time.Time `json:"shown,omitzero"`
	Complete  time.Time `json:"complete,omitzero"`
	Held      bool      `json:"held,omitempty"` // a whole cycle could not hand it over
	Told      bool      `json:"told,omitempty"` // in the journal

	looks int
}

// Book keeps the trips of a day, in a file that outlives a restart. A nil Book keeps nothing. It is used by one goroutine at a time.
type Book struct {
	path  string
	now   func() time.Time
	zone  *time.Location
	log   *slog.Logger
	trips []*trip
}

// Open gives the Book of a file, which need not be there: one that can't be read is begun anew. now nil is time.Now, zone, whose days
// count, nil UTC.
func Open(path string, now func() time.Time, zone *time.Location, log *slog.Logger) *Book {
	b := &Book{path: path, now: now, zone: zone, log: log}
	if now == nil {
		b.now = time.Now
	}
	if zone == nil {
		b.zone = time.UTC
	}
	if log == nil {
		b.log = slog.New(slog.DiscardHandler)
	}
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, &b.trips)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		b.log.Warn("times of quotes are begun anew", "err", err)
		b.trips = nil
	}
	b.trips = slices.DeleteFunc(b.trips, func(t *trip) bool { return t == nil })
	return b
}

// open gives the trip of a quote that is under way; nil for none.
func (b *Book) open(reference string) *trip {
	if b == nil {
		return nil
	}
	for _, t := range b.trips {
		if t.Reference == reference && t.Complete.IsZero() {
			return t
		}
	}
	return nil
}

// Ask notes that prices are asked for a quote: since asked, as the product told, and seen now. One that is under way goes on.
func (b *Book) Ask(reference string, asked time.Time) {
	if b == nil || b.open(reference) != nil {
		return
	}
	now := b.now()
	if asked.IsZero() || asked.After(now) {
		asked = now
	}
	b.trips = append(b.trips, &trip{Reference: reference, Asked: asked, Seen: now})
	b.save()
}

// Withdraw forgets a quote for which prices are asked no more, unless its file is written.
func (b *Book) Withdraw(reference string) {
	if t := b.open(reference); t != nil && t.Written.IsZero() {
		b.drop(t)
	}
}

// Refuse forgets a quote that Sage refused at a time, unless prices were asked for it anew since.
func (b *Book) Refuse(reference string, at time.Time) {
	if t := b.open(reference); t != nil && !t.Seen.After(at) {
		b.drop(t)
	}
}

// Write notes when the import file of a quote had its name, Take when it was seen to be imported.
func (b *Book) Write(reference string, at time.Time) {
	if t := b.open(reference); t != nil && !at.Before(t.Seen) {
		b.set(&t.Written, at)
	}
}

// Take notes when the import file of a quote was seen to be imported.
func (b *Book) Take(reference string, at time.Time) {
	if t := b.open(reference); t != nil && !t.Written.IsZero() {
		b.set(&t.Taken, at)
	}
}

// Show notes that an export shows a quote, now.
func (b *Book) Show(reference string) {
	if t := b.open(reference); t != nil && !t.Written.IsZero() {
		b.set(&t.Shown, b.now())
	}
}

// Finish notes that Sales Management shows the prices of a quote, now. One that was never shown by an export is none that was asked for.
func (b *Book) Finish(reference string) {
	switch t := b.open(reference); {
	case t == nil:
	case t.Shown.IsZero():
		b.drop(t)
	default:
		b.set(&t.Complete, b.now())
	}
}

// Expected lists the quotes whose prices no export has shown.
func (b *Book) Expected() (references []string) {
	if b == nil {
		return nil
	}
	for _, t := range b.trips {
		if t.Complete.IsZero() && t.Shown.IsZero() {
			references = append(references, t.Reference)
		}
	}
	return references
}

// Look notes that a cycle has begun. A quote that the one before could not hand over waits for something: its client, which Sage does
// not have yet, or a file that somebody has yet to import.
func (b *Book) Look() {
	if b == nil {
		return
	}
	held := false
	for _, t := range b.trips {
		if t.Written.IsZero() && !t.Held && t.Complete.IsZero() {
			t.looks++
			t.Held = t.looks > 1
			held = held || t.Held
		}
	}
	if held {
		b.save()
	}
}

// set notes a time, once.
func (b *Book) set(which *time.Time, at time.Time) {
	if which.IsZero() && !at.IsZero() {
		*which = at
		b.save()
	}
}

func (b *Book) drop(t *trip) {
	b.trips = slices.DeleteFunc(b.trips, func(other *trip) bool { return other == t })
	b.save()
}

// save keeps what is of today. That it can't be kept is no reason to stop anything.
func (b *Book) save() {
	b.forget()
	text, err := json.Marshal(b.trips)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(b.path), 0o700)
	}
	if err == nil {
		err = renameio.WriteFile(b.path, text, 0o600)
	}
	if err != nil {
		b.log.Warn("times of quotes can't be kept", "err", err)
	}
}

// forget drops what nobody asks for any more.
func (b *Book) forget() {
	now := b.now()
	b.trips = slices.DeleteFunc(b.trips, func(t *trip) bool {
		if t.Complete.IsZero() {
			return now.Sub(t.Seen) > oldest || t.Seen.Sub(now) > oldest
		}
		return !b.today(t.Complete)
	})
	b.trips = slices.Delete(b.trips, 0, max(0, len(b.trips)-most))
}

// today says whether a time is of this day.
func (b *Book) today(at time.Time) bool {
	return !at.IsZero() && at.In(b.zone).Format(time.DateOnly) == b.now().In(b.zone).Format(time.DateOnly)
}
