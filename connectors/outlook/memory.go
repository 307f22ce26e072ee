package outlook

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/zeebo/xxh3"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// entry is what is remembered of each item.
type entry struct {
	Entity  record.Entity `json:"e,omitempty"`
	Source  string        `json:"s,omitempty"`
	Chrono  string        `json:"c,omitempty"`
	Master  record.Key    `json:"m,omitempty"`
	Begins  int64         `json:"t,omitempty"` // of an event, in Unix seconds
	Created int64         `json:"n,omitempty"`
	Round   int           `json:"r,omitempty"` // the complete round of its source that saw it last
	Own     string        `json:"o,omitempty"` // digest of what our latest write left
	Gone    int64         `json:"g,omitempty"` // when it was found to be gone, in Unix seconds
}

// cursor is how far the rounds of a source have come.
type cursor struct {
	Next  string `json:"n,omitempty"` // the page to go on with
	Delta string `json:"d,omitempty"` // the link of the next round
	Round int    `json:"r"`           // of the latest complete round
	Whole bool   `json:"w,omitempty"` // a complete round is under way
	From  int64  `json:"f,omitempty"` // of the calendar: when the window was set, in Unix seconds
}

// memory is what the notes of the last look say, and what reads and writes have added to it since.
type memory struct {
	version uint64 // 0: nothing is loaded
	items   map[record.Key]*entry
	holders map[string]record.Key // of each chrono, the item that had it first
	cursors map[string]*cursor
	dirty   map[byte]bool // parts of the items that are not yet noted
}

func newMemory() *memory {
	return &memory{items: map[record.Key]*entry{}, holders: map[string]record.Key{}, cursors: map[string]*cursor{}, dirty: map[byte]bool{}}
}

// head is the note that the others hang on.
type head struct {
	Version uint64
	Parts   []byte
	Cursors map[string]*cursor
}

const headNote = "head"

// remembered is how long an item that is gone is remembered: another one may still turn out to be it, moved.
const remembered = 60 * 24 * time.Hour

func partOf(key record.Key) byte { return byte(xxh3.HashString(string(key))) }

func partNote(part byte) string { return fmt.Sprintf("items/%02x", part) }

// load makes the memory that of the notes. Looks on copies of the notes come in between, so the version decides.
func (y *memory) load(o connectors.Observation) {
	var h head
	if note := o.Get(headNote); note != nil && json.Unmarshal(note, &h) != nil {
		h = head{}
	}
	if y.version != 0 && y.version == h.Version {
		return
	}
	fresh := newMemory()
	fresh.version = h.Version
	for name, c := range h.Cursors {
		fresh.cursors[name] = c
	}
	for _, part := range h.Parts {
		var items map[record.Key]*entry
		if note := o.Get(partNote(part)); note != nil && json.Unmarshal(note, &items) == nil {
			for key, e := range items {
				fresh.items[key] = e
			}
		}
	}
	for key, e := range fresh.items {
		if e.Chrono != "" {
			fresh.choose(key, e)
		}
	}
	*y = *fresh
}

// choose makes key the holder of its chrono, unless an older item is.
func (y *memory) choose(key record.Key, e *entry) {
	name := chronoName(e.Entity, e.Chrono)
	before, ok := y.holders[name]
	if !ok || y.items[before] == nil || y.items[before].Gone != 0 || e.Gone == 0 && e.Created < y.items[before].Created {
		y.holders[name] = key
	}
}

// save hands what has changed to the observation.
func (y *memory) save(o connectors.Observation, now time.Time) error {
	y.version++
	for key, e := range y.items {
		if e.Gone != 0 && now.Sub(time.Unix(e.Gone, 0)) > remembered {
			y.forget(key)
		}
	}
	parts := map[byte]map[record.Key]*entry{}
	for key, e := range y.items {
		part := partOf(key)
		if parts[part] == nil {
			parts[part] = map[record.Key]*entry{}
		}
		parts[part][key] = e
	}
	h := head{Version: y.version, Cursors: y.cursors}
	for part := range parts {
		h.Parts = append(h.Parts, part)
	}
	for part := range y.dirty {
		if err := putJSON(o, partNote(part), parts[part]); err != nil {
			return err
		}
	}
	y.dirty = map[byte]bool{}
	return putJSON(o, headNote, h)
}

func putJSON(o connectors.Observation, name string, v any) error {
	note, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("note %s: %w", name, err)
	}
	o.Put(name, note)
	return nil
}

// drop makes the next look read the notes again: what was told since was not made durable.
func (y *memory) drop() { y.version = 0 }

func (y *memory) forget(key record.Key) {
	if e := y.items[key]; e != nil && y.holders[chronoName(e.Entity, e.Chrono)] == key {
		delete(y.holders, chronoName(e.Entity, e.Chrono))
	}
	delete(y.items, key)
	y.dirty[partOf(key)] = true
}

// entry gives what is remembered of an item, to be changed.
func (y *memory) entry(key record.Key) *entry {
	y.dirty[partOf(key)] = true
	if y.items[key] == nil {
		y.items[key] = &entry{}
	}
	return y.items[key]
}

// note remembers an item that was just read.
func (y *memory) note(i *item) {
	e := y.entry(i.key)
	e.Entity, e.Gone, e.Created = i.entity, 0, unix(i.created)
	if i.source != "" && (e.Source == "" || i.entity == record.Task || i.entity == record.Call) {
		e.Source = i.source
	}
	if i.master != "" {
		e.Master = i.master
	}
	e.Begins = unix(i.begins)
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// lost remembers that an item is gone.
func (y *memory) lost(key record.Key, now time.Time) {
	if known := y.items[key]; known != nil && known.Gone == 0 {
		y.entry(key).Gone = max(now.Unix(), 1)
	}
}

func (y *memory) isGone(key record.Key) bool { return y.items[key] != nil && y.items[key].Gone != 0 }

// chronoName tells the chronos of contacts, tasks and appointments apart.
func chronoName(e record.Entity, chrono string) string {
	if e == record.Call {
		e = record.Task
	}
	return string(e) + " " + chrono
}

// holder gives the item that had a chrono first, empty if none is known.
func (y *memory) holder(e record.Entity, chrono string) record.Key {
	return y.holders[chronoName(e, chrono)]
}

// hold makes key the holder of a chrono.
func (y *memory) hold(e record.Entity, chrono string, key record.Key) {
	if known := y.items[key]; known != nil && known.Chrono != chrono {
		if y.holders[chronoName(e, known.Chrono)] == key {
			delete(y.holders, chronoName(e, known.Chrono))
		}
	}
	if known := y.items[key]; known == nil || known.Chrono != chrono || known.Entity == "" {
		one := y.entry(key)
		one.Chrono = chrono
		if one.Entity == "" {
			one.Entity = e
		}
	}
	y.holders[chronoName(e, chrono)] = key
}

// lists gives the task lists, beside the chosen one, in which something of ours lies: a task that was moved there is still shared.
func (y *memory) listsOf(chosen string, all []string) []string {
	ours := map[string]bool{}
	for _, e := range y.items {
		if e.Chrono != "" && e.Gone == 0 && strings.HasPrefix(e.Source, listPrefix) {
			ours[strings.TrimPrefix(e.Source, listPrefix)] = true
		}
	}
	found := []string{chosen}
	for _, list := range all {
		if list != chosen && ours[list] {
			found = append(found, list)
		}
	}
	return found
}
