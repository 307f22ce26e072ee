package centrixone

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"syncbox/connectors"
	"syncbox/connectors/record"
	"syncbox/connectors/rest"
)

// Traits tells what writing to the CRM is like. A Create whose external id is there already updates that
// record, so that sending it again after a lost answer makes no second one.
func (c *CRM) Traits() connectors.Traits {
	return connectors.Traits{Batch: c.cfg.BatchSize, ServerLate: c.cfg.MaxServerLate, IndexLag: c.cfg.IndexLag, Upsert: true}
}

// Apply sends ops in requests that the CRM does whole or not at all. A request that is refused is halved
// until the record that is not wanted is alone; one that may have been done is never sent again. After a
// lost answer, a refused key or a wait nothing more is sent.
func (c *CRM) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	w := writer{crm: c, ops: ops, results: make([]connectors.Result, len(ops))}
	w.encode(ctx)
	for start := 0; start < len(w.jobs); {
		end := start + 1
		for end < len(w.jobs) && end-start < c.cfg.BatchSize && w.entity(end) == w.entity(start) {
			end++
		}
		w.send(ctx, w.jobs[start:end])
		start = end
	}
	return w.results
}

// job is an op that has a form: its place among the ops and the objects that it sends.
type job struct {
	op   int
	rows []row
}

// writer is the work of one Apply.
type writer struct {
	crm     *CRM
	ops     []connectors.Op
	results []connectors.Result
	jobs    []job
	keyGood bool  // the key was tried and is good
	halt    error // why nothing more is sent
}

func (w *writer) entity(job int) record.Entity { return w.ops[w.jobs[job].op].Entity }

func (w *writer) encode(ctx context.Context) {
	var list int64
	if w.needList() {
		var err error
		if list, err = w.crm.goodList(ctx); err != nil {
			w.halt = err
		}
	}
	for i, op := range w.ops {
		rows, err := encodeOp(op, list)
		if err != nil {
			w.results[i] = connectors.Result{Outcome: connectors.NotApplied, Err: badOp("write %s: %w", op.Entity, err)}
			continue
		}
		w.crm.speak(op, rows[len(rows)-1])
		w.jobs = append(w.jobs, job{op: i, rows: rows})
	}
}

// needList says whether some op makes a record of the protected list.
func (w *writer) needList() bool {
	return slices.ContainsFunc(w.ops, func(op connectors.Op) bool {
		return op.Kind == connectors.Create && objects[op.Entity].listed
	})
}

// set gives the jobs one outcome.
func (w *writer) set(jobs []job, outcome connectors.Outcome, err error) {
	for _, j := range jobs {
		w.results[j.op] = connectors.Result{Outcome: outcome, Err: err}
	}
}

// stop gives the jobs one outcome and sends nothing more.
func (w *writer) stop(jobs []job, outcome connectors.Outcome, err error) {
	w.set(jobs, outcome, err)
	w.halt = err
}

// send sends jobs, all of one entity, in one request.
func (w *writer) send(ctx context.Context, jobs []job) {
	if w.halt != nil {
		w.set(jobs, connectors.NotApplied, w.halt)
		return
	}
	var rows []row
	for _, j := range jobs {
		rows = append(rows, j.rows...)
	}
	u := w.crm.address(query{resource: objects[w.ops[jobs[0].op].Entity].resource, filter: "all"})
	body, err := encodeBody(rows)
	if err != nil {
		w.set(jobs, connectors.NotApplied, badOp("write: %w", err))
		return
	}
	r := rest.Request{Method: http.MethodPost, URL: u, Body: body, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}}
	a, err := w.crm.client.Do(ctx, r)
	switch {
	case errors.Is(err, rest.ErrNotApplied):
		w.stop(jobs, connectors.NotApplied, err)
	case err != nil:
		w.stop(jobs, connectors.InDoubt, err)
	default:
		w.settle(ctx, jobs, r, a)
	}
}

// settle sorts a whole answer.
func (w *writer) settle(ctx context.Context, jobs []job, r rest.Request, a *rest.Answer) {
	failure := w.crm.refusal(r.Method, r.URL, a)
	switch {
	case a.Status == http.StatusOK:
		w.success(jobs, r, a)
	case a.Status == http.StatusInternalServerError:
		w.serverError(ctx, jobs, failure)
	case a.Status > http.StatusInternalServerError:
		// A gateway's answer: the server behind it may still be at work.
		w.stop(jobs, connectors.InDoubt, failure)
	case failure.Kind == connectors.Auth && !w.open(ctx, jobs): // settled there
	case a.Status >= http.StatusBadRequest:
		w.refused(ctx, jobs, a, failure)
	default:
		w.stop(jobs, connectors.ReadBack, failure)
	}
}

// success takes the Ids of an answer that says so.
func (w *writer) success(jobs []job, r rest.Request, a *rest.Answer) {
	n := 0
	for _, j := range jobs {
		n += len(j.rows)
	}
	items, err := decodeItems(a, n)
	if err != nil {
		w.stop(jobs, connectors.ReadBack, w.crm.badAnswer(r.Method, r.URL, err))
		return
	}
	for _, j := range jobs {
		key := keyOf(items[len(j.rows)-1].Id)
		items = items[len(j.rows):]
		w.results[j.op] = connectors.Result{Outcome: connectors.Applied, Key: key}
		if op := w.ops[j.op]; op.Kind == connectors.Update && key != op.Key {
			err := errors.New("another record was updated than was asked for")
			w.set([]job{j}, connectors.ReadBack, w.crm.badAnswer(r.Method, r.URL, err))
		}
	}
}

// open tells a key that opens nothing from a refusal of this request alone: 403 and 404 mean both.
// If it is the former, or can't be found out, it settles the jobs and gives false.
func (w *writer) open(ctx context.Context, jobs []job) bool {
	if w.keyGood {
		return true
	}
	if err := w.crm.probe(ctx); err != nil {
		w.stop(jobs, connectors.NotApplied, err)
		return false
	}
	w.keyGood = true
	return true
}

// refused looks for the record that is not wanted. Nothing of a refused request was done.
func (w *writer) refused(ctx context.Context, jobs []job, a *rest.Answer, failure *connectors.Error) {
	if len(jobs) > 1 {
		w.halve(ctx, jobs)
		return
	}
	op := w.ops[jobs[0].op]
	code := CodeRecordRefused
	switch {
	case a.Status == http.StatusConflict:
		code = CodeConflict
	case a.Status == http.StatusNotFound && (op.Kind == connectors.Update || op.Displace != nil):
		code = CodeRecordMissing
	}
	w.set(jobs, connectors.NotApplied, &connectors.Error{Kind: connectors.Rejected, Code: code, Err: withoutValues(failure.Err, op)})
}

func (w *writer) halve(ctx context.Context, jobs []job) {
	half := len(jobs) / 2
	w.send(ctx, jobs[:half])
	w.send(ctx, jobs[half:])
}

// serverError handles a 500, which the CRM also answers where something that a record refers to is
// missing. Only what a read shows not to have been done is sent again, in halves.
func (w *writer) serverError(ctx context.Context, jobs []job, failure *connectors.Error) {
	w.crm.forgetList()
	if len(jobs) == 1 {
		w.set(jobs, connectors.ReadBack, &connectors.Error{Kind: connectors.Rejected, Code: CodeServerError,
			Err: withoutValues(failure.Err, w.ops[jobs[0].op])})
		return
	}
	untouched, err := w.crm.untouched(ctx, w.ops, jobs)
	switch {
	case err != nil:
		w.stop(jobs, connectors.ReadBack, err)
	case untouched:
		w.halve(ctx, jobs)
	default:
		// The server lives, so this is no trouble of the whole side.
		w.set(jobs, connectors.ReadBack, &connectors.Error{Kind: connectors.Busy, Code: CodeServerError, Err: failure.Err})
	}
}

// withoutValues takes out of the server's words what they repeat of the record, which is the customer's.
func withoutValues(err error, op connectors.Op) error {
	text := err.Error()
	incumbent := errors.Is(err, errServer)
	if incumbent {
		text = strings.TrimSuffix(text, ": "+errServer.Error())
	}
	for _, name := range op.Fields.Names() {
		if v := op.Fields[name]; v.Kind == record.Text && utf8.RuneCountInString(v.Text) > 2 {
			text = strings.ReplaceAll(text, v.Text, "…")
		}
	}
	if incumbent {
		return fmt.Errorf("%s: %w", text, errServer)
	}
	return errors.New(text)
}
