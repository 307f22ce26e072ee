package engine

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/sync/store"
)

// What a side answers is looked at before it is believed: a server, a proxy or a connector may be broken. A
// record that can't be right waits, and what nobody asked for counts for nothing. That a record is gone is taken
// from nothing but a list that can be complete.

// The most, in bytes, that one field, one identity and one record are believed to hold. Nothing that people type
// comes near; the store keeps identities as keys, which may not be longer than 32 KiB.
const (
	longestField  = 16 << 10
	longestKey    = 512
	longestRecord = 1 << 20
)

// odd notes the first thing in a cycle that is wrong with what a side answers.
func (c *cycle) odd(side connectors.Side, code string) {
	if c.oddity[side] == "" {
		c.oddity[side] = code
		c.Log.Warn("odd answer", "side", side.String(), "code", code)
	}
}

func oddName(side connectors.Side) string { return "odd-" + side.String() }

// oddNews says whether a side began or ceased to answer oddly, as far as it was asked.
func (c *cycle) oddNews(t *store.Txn, side connectors.Side) bool {
	now := c.oddity[side]
	return t.Setting(oddName(side)) != now && (now != "" || !c.cut && c.down == [2]error{})
}

// anyOddNews says so for both sides.
func (c *cycle) anyOddNews() (news bool) {
	c.view(func(t *store.Txn) { news = c.oddNews(t, connectors.ERP) || c.oddNews(t, connectors.CRM) })
	return news
}

// tellOddities journals once what is wrong with the answers of a side, as long as it stays so.
func (c *cycle) tellOddities(t *store.Txn) {
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		if !c.oddNews(t, side) {
			continue
		}
		code := c.oddity[side]
		if t.Set(oddName(side), code); code != "" {
			t.Journal(store.Event{At: c.Clock.Now(), Severity: store.Warning, Code: "answer-odd", Direction: direction(side.Other()),
				Args: map[string]string{"cause": code}})
		}
	}
}

func fitKey(k string) bool { return len(k) <= longestKey && utf8.ValidString(k) }

// believe sorts an answer to a Read: the records that were asked for, and the keys of those to be read later.
func (c *cycle) believe(side connectors.Side, e record.Entity, keys []record.Key, found []record.Record, later []record.Key) (map[record.Key]*record.Record, map[record.Key]bool) {
	asked, wait := make(map[record.Key]bool, len(keys)), make(map[record.Key]bool, len(later))
	for _, k := range keys {
		asked[k] = true
	}
	for _, k := range later {
		wait[k] = true
	}
	byKey := make(map[record.Key]*record.Record, len(found))
	for i := range found {
		r := &found[i]
		switch other := byKey[r.Key]; {
		case r.Entity != e || !asked[r.Key]:
			c.odd(side, "answer-unasked")
		case other == nil:
			c.fit(side, r)
			byKey[r.Key] = r
		case !sameRecord(other, r):
			other.Held, other.HeldArgs = "record-contradicts", nil
		}
	}
	for k, r := range byKey {
		if side == connectors.CRM && r.Gone && r.Held == "" { // a CRM's record that is not live is not there
			delete(byKey, k)
		}
	}
	return byKey, wait
}

func sameRecord(a, b *record.Record) bool {
	return a.ExternalID == b.ExternalID && a.Incarnation == b.Incarnation && a.Gone == b.Gone &&
		bytes.Equal(a.Fields.AppendCanonical(nil), b.Fields.AppendCanonical(nil))
}

// fit holds a record that can't be taken as it is.
func (c *cycle) fit(side connectors.Side, r *record.Record) {
	if r.Held != "" {
		return
	}
	if field, code := unfit(r); code != "" {
		r.Held, r.HeldArgs = code, map[string]string{"field": field}
	} else if c.wentBack(side, r) {
		r.Held = "record-went-back"
	}
	if !fitKey(r.ExternalID) {
		r.ExternalID = ""
	}
	if !fitKey(r.Incarnation) {
		r.Incarnation = ""
	}
}

// unfit names the field that no product can mean like this, and says why; an empty code if all are well.
func unfit(r *record.Record) (field, code string) {
	total := 0
	if code = fitValue(record.Value{Kind: record.Ref, Text: r.ExternalID}, &total); code != "" {
		return connectors.ExternalIDField, code
	}
	if code = fitValue(record.Value{Kind: record.Ref, Text: r.Incarnation}, &total); code != "" {
		return "Incarnation", code
	}
	for name, v := range r.Fields {
		if code = fitValue(v, &total); code != "" {
			return name, code
		}
	}
	return "", ""
}

func fitValue(v record.Value, total *int) string {
	most := longestField
	if v.Kind == record.Ref {
		most = longestKey
	}
	switch *total += len(v.Text); {
	case len(v.Text) > most, *total > longestRecord:
		return "field-oversized"
	case !utf8.ValidString(v.Text):
		return "field-unreadable"
	}
	for _, row := range v.Rows {
		for _, cell := range row {
			if code := fitValue(cell, total); code != "" {
				return code
			}
		}
	}
	return ""
}

// shown names a record that a side showed.
type shown struct {
	side   connectors.Side
	entity record.Entity
	key    record.Key
}

// mostShown bounds how many records are remembered by the time of their last change.
const mostShown = 10_000

// wentBack says whether a side that tells when people changed a record shows an older state than it did before:
// a copy that lags behind. Taken for an edit, it would undo what was written since.
func (c *cycle) wentBack(side connectors.Side, r *record.Record) bool {
	if r.Changed.IsZero() {
		return false
	}
	at := shown{side, r.Entity, r.Key}
	if r.Changed.Before(c.newest[at]) {
		return true
	}
	if len(c.newest) >= mostShown {
		clear(c.newest)
	}
	c.newest[at] = r.Changed
	return false
}

// forgetNewest takes what the sides show from now on as the truth: a person said so.
func (e *Engine) forgetNewest() { clear(e.newest) }

// shaped gives one result for each write, whatever the target said. What is not certain is in doubt.
func (c *cycle) shaped(ctx context.Context, to connectors.Side, ops []connectors.Op, results []connectors.Result) []connectors.Result {
	if len(results) != len(ops) {
		c.odd(to, "answer-incomplete")
	}
	all := make([]connectors.Result, len(ops))
	for i := range ops {
		if i >= len(results) {
			all[i] = c.doubtful(to, "answer-incomplete", ops[i])
			continue
		}
		all[i] = c.resultOf(ctx, to, ops[i], results[i], restful(results))
	}
	return all
}

// restful says whether a side wants to be left alone: then nothing is asked about what it said it has done.
func restful(results []connectors.Result) bool {
	return slices.ContainsFunc(results, func(r connectors.Result) bool { return connectors.KindOf(r.Err) == connectors.RateLimited })
}

// doubtful is the result of a write of which nobody knows what became.
func (c *cycle) doubtful(to connectors.Side, code string, op connectors.Op) connectors.Result {
	c.odd(to, code)
	return connectors.Result{Outcome: connectors.InDoubt, Err: connectors.Errorf(connectors.Busy, code, "write %s %s", op.Entity, op.Key)}
}

func (c *cycle) resultOf(ctx context.Context, to connectors.Side, op connectors.Op, r connectors.Result, rests bool) connectors.Result {
	switch {
	case r.Outcome < connectors.Applied || r.Outcome > connectors.ReadBack:
		return c.doubtful(to, "answer-unknown", op)
	case r.Outcome != connectors.Applied:
		return r
	case op.Kind == connectors.Delete && r.Key != "" && r.Key != op.Key:
		return c.doubtful(to, "answer-other-record", op)
	case op.Kind == connectors.Delete:
		return r
	case op.Kind == connectors.Update:
		return c.updated(to, op, r)
	case r.Key == "" || !fitKey(string(r.Key)):
		return c.doubtful(to, "answer-without-key", op)
	case to == connectors.ERP && c.target(to).Traits().IndexLag == 0 && !rests && !c.shows(ctx, op.Entity, r.Key):
		return c.doubtful(to, "answer-other-record", op)
	}
	return r
}

// updated looks at an update that is said to have been done. One of a record that no link has is none of ours;
// one of another link's record is settled as a clash.
func (c *cycle) updated(to connectors.Side, op connectors.Op, r connectors.Result) connectors.Result {
	known := r.Key == op.Key
	if r.Key == "" {
		r.Key, known = op.Key, true
	}
	if !known {
		c.view(func(t *store.Txn) { _, known = t.Find(to, op.Entity, r.Key) })
	}
	if known {
		return r
	}
	c.odd(to, "answer-other-record")
	return connectors.Result{Outcome: connectors.ReadBack,
		Err: connectors.Errorf(connectors.Rejected, "answer-other-record", "write %s %s: another one is said to be written", op.Entity, op.Key)}
}

// shows says whether the ERP has a record that it is said to have created. What can't be read now is believed.
func (c *cycle) shows(ctx context.Context, e record.Entity, key record.Key) bool {
	there, later, err := c.glance(ctx, connectors.ERP, e, []record.Key{key})
	r := there[key]
	return err != nil || later[key] || r != nil && !r.Gone
}

// named gives those of some records that a side found by a field which really have the value.
func (c *cycle) named(ctx context.Context, side connectors.Side, e record.Entity, field, value string, keys []record.Key) ([]record.Key, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	there, later, err := c.read(ctx, side, e, keys)
	if err != nil {
		return nil, err
	}
	var ours []record.Key
	for _, k := range keys {
		r := there[k]
		if later[k] {
			return nil, connectors.Errorf(connectors.Busy, side.String()+"-record-locked", "find %s: %s can't be read just now", e, k)
		}
		if r != nil && (field == connectors.ExternalIDField && r.ExternalID == value || field != connectors.ExternalIDField && r.Fields[field].Text == value) {
			ours = append(ours, k)
			continue
		}
		c.odd(side, "answer-unasked")
	}
	if len(ours) == 0 {
		return nil, connectors.Errorf(connectors.Busy, "answer-unasked", "find %s: none of %d records has it", e, len(keys))
	}
	return ours, nil
}

// longestTold is the longest text of a value that the journal keeps, in characters.
const longestTold = 500

// told cuts values to what the journal keeps of them.
func told(args map[string]string) map[string]string {
	cut := maps.Clone(args)
	for name, v := range args {
		if utf8.RuneCountInString(v) <= longestTold {
			continue
		}
		cut[name] = string([]rune(v)[:longestTold]) + "…"
	}
	return cut
}

// newestOf is a memory of the last changes that the sides showed.
type newestOf map[shown]time.Time
