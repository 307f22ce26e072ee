package support

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/usage"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// Facts is what a diagnosis is made of. What of it could be the customer's is left out.
type Facts struct {
	FW, Slot, Board string
	Cfg             string // digest of the settings
	Usage           usage.Usage
	Codes           []string        // health codes of the machine that hold
	Jobs            []engine.Status // in the order of the configuration
	Down            []string        // of each job the health code of why it does not run, empty if it does
	Pairs           []string        // of each job the pair of products
	Journal         []store.Event   // the newest of the box, the oldest first
}

// Diagnose makes a diagnosis that fits into so many bytes.
func Diagnose(f Facts, room int) wire.Diagnosis {
	d := wire.Diagnosis{FW: f.FW, Slot: f.Slot, Board: f.Board, Cfg: f.Cfg, Up: int64(f.Usage.Up / time.Second), RSS: f.Usage.RSS,
		Free: f.Usage.Available, Total: f.Usage.Total, Codes: slices.Clone(f.Codes), Jobs: []wire.JobDiagnosis{}, Journal: []wire.Happened{}}
	if d.Codes == nil {
		d.Codes = []string{}
	}
	for i, s := range f.Jobs {
		j := wire.JobDiagnosis{N: i + 1, Service: string(s.Service), ToCRM: wayOf(s.Ways[0]), ToERP: wayOf(s.Ways[1]), Waiting: waitingOf(s.Waiting),
			LastEnd: unix(s.LastEnd), Resync: s.Resync != nil}
		if i < len(f.Down) {
			j.Down = f.Down[i]
		}
		if i < len(f.Pairs) {
			j.Pair = f.Pairs[i]
		}
		d.Jobs = append(d.Jobs, j)
	}
	for len(d.Jobs) > 0 && len(mustJSON(d)) > room {
		d.Jobs = d.Jobs[:len(d.Jobs)-1]
	}
	left := room - len(mustJSON(d))
	for _, e := range slices.Backward(f.Journal) {
		h := wire.Happened{At: unix(e.At), Code: e.Code}
		if left -= len(mustJSON(h)) + 1; left < 0 {
			break
		}
		d.Journal = append(d.Journal, h)
	}
	return d
}

func wayOf(w engine.Way) wire.WayDiagnosis {
	return wire.WayDiagnosis{Outcome: string(w.Outcome), Code: w.Code, LastOK: unix(w.LastOK)}
}

func waitingOf(kinds map[store.WaitKind]int) map[string]int {
	all := map[string]int{}
	for kind, n := range kinds {
		all[string(kind)] = n
	}
	return all
}

func unix(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

// room is what the detail of an acknowledgement may take: the rest of the message is bounded.
const room = wire.MaxMessage - 1024

func diagnose(ctx context.Context, d *Desk, _ Entry) (any, error) {
	f := d.c.Actions.Facts(ctx)
	g := Diagnose(f, room)
	g.Session, g.Outbox = d.store.Session(), d.store.Dropped()
	return g, nil
}

// told are the arguments of events that hold nothing of the customer's.
var told = []string{"by", "action", "cause", "version", "count", "bound", "entity", "field", "level", "names"}

// journal gives a page: {"job":"acomba","from":1,"limit":50}. Without a number it begins with the first one there is.
func journal(ctx context.Context, d *Desk, e Entry) (any, error) {
	args := struct {
		Job   string `json:"job"`
		From  uint64 `json:"from"`
		Limit int    `json:"limit"`
	}{Limit: mostEvents}
	if err := argsOf(e, &args); err != nil {
		return nil, err
	}
	limit := min(max(args.Limit, 1), mostEvents)
	events, err := d.c.Actions.Journal(ctx, args.Job, args.From, limit)
	if err != nil {
		return nil, err
	}
	return pageOf(events, args.From, limit), nil
}

// mostEvents is how many events are read for one page.
const mostEvents = 100

// pageOf gives as many events as there is room for.
func pageOf(events []store.Event, from uint64, limit int) wire.Page {
	p := wire.Page{Events: []wire.PageEvent{}, Next: from, More: len(events) >= limit}
	left := room - len(mustJSON(p)) - 20
	for _, e := range events {
		x := wire.PageEvent{Seq: e.Seq, At: unix(e.At), Severity: string(e.Severity), Code: e.Code, Direction: string(e.Direction),
			Entity: string(e.Entity), ERP: clip(string(e.ERP)), CRM: clip(string(e.CRM))}
		for _, name := range told {
			if v, has := e.Args[name]; has {
				if x.Args == nil {
					x.Args = map[string]string{}
				}
				x.Args[name] = clip(v)
			}
		}
		if left -= len(mustJSON(x)) + 1; left < 0 && len(p.Events) > 0 {
			p.More = true
			break
		}
		p.Events, p.Next = append(p.Events, x), e.Seq+1
	}
	return p
}

// longest is how much of a value is told, in bytes: every event fits into a message then.
const longest = 128

func clip(s string) string {
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

// detailOf encodes what there is to tell; what does not fit is left out.
func detailOf(detail any) json.RawMessage {
	if detail == nil {
		return nil
	}
	if b := mustJSON(detail); len(b) <= room {
		return b
	}
	return nil
}
