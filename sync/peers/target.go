package peers

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// external stands before a row's identity in its external id.
const external = "CSV"

// Target posts records to an HTTP sink:
//
//	POST /                {"records":[{"op":"box-17-812","id":"C00017","fields":{"id":"C00017", …}}, …]}
//	GET  /records/C00017  200 if the sink has a record of this identity, 404 if not
//
// op is the idempotency key of a write; a sink that gets one a second time recognises it. Any answer of class 2
// says that all records of a request are kept. The sink knows records by the identity that the file gives them.
type Target struct {
	url    string
	batch  int
	fields map[string]connectors.Field
	http   *http.Client
}

var (
	_ connectors.Source = (*Target)(nil)
	_ connectors.Target = (*Target)(nil)
	_ connectors.Finder = (*Target)(nil)
)

// NewTarget makes a target for records with these fields, at most batch of them in a request.
func NewTarget(sink string, batch int, columns []string) *Target {
	t := &Target{url: strings.TrimRight(sink, "/"), batch: max(1, batch), fields: map[string]connectors.Field{}, http: &http.Client{Transport: &http.Transport{}}}
	for _, name := range columns {
		t.fields[name] = connectors.Field{Kind: record.Text, Write: connectors.WriteDirect}
	}
	return t
}

// Traits: a record posted twice stays one record. What the sink, on this machine, has got from a program that died
// it has worked off before that program is up again.
func (t *Target) Traits() connectors.Traits { return connectors.Traits{Batch: t.batch, Upsert: true} }

// Fields gives a text for every column.
func (t *Target) Fields(e record.Entity) map[string]connectors.Field {
	if e != record.Account {
		return nil
	}
	return t.fields
}

// Observe sees nothing: nobody edits what is in the sink.
func (t *Target) Observe(context.Context, connectors.Observation) error { return nil }

// Read gives the records that the sink has, without values: it keeps none.
func (t *Target) Read(ctx context.Context, e record.Entity, keys []record.Key) (found []record.Record, later []record.Key, err error) {
	for _, key := range keys {
		there, err := t.has(ctx, string(key))
		if err != nil {
			return nil, nil, err
		}
		if there {
			found = append(found, record.Record{Entity: e, Key: key, ExternalID: external + string(key)})
		}
	}
	return found, nil, nil
}

// Find knows records by their external id only.
func (t *Target) Find(ctx context.Context, _ record.Entity, field string, v record.Value) ([]record.Key, error) {
	id, ours := strings.CutPrefix(v.Text, external)
	if field != connectors.ExternalIDField || !ours {
		return nil, nil
	}
	if there, err := t.has(ctx, id); !there {
		return nil, err
	}
	return []record.Key{record.Key(id)}, nil
}

func (t *Target) has(ctx context.Context, id string) (bool, error) {
	status, err := t.call(ctx, http.MethodGet, "/records/"+url.PathEscape(id), nil)
	switch {
	case err != nil:
		return false, connectors.Errorf(connectors.Unavailable, "crm-unreachable", "ask for a record: %w", err)
	case status/100 == 2:
		return true, nil
	case status == http.StatusNotFound:
		return false, nil
	}
	return false, connectors.Errorf(connectors.Unavailable, "crm-server-error", "ask for a record: status %d", status)
}

// Close lets go of the connection.
func (t *Target) Close() error {
	t.http.CloseIdleConnections()
	return nil
}

// message is one record on the wire.
type message struct {
	Op     string            `json:"op"`
	ID     record.Key        `json:"id"`
	Fields map[string]string `json:"fields"`
}

// Apply posts ops, Traits.Batch in one request. Each request's outcome is that of all its records.
func (t *Target) Apply(ctx context.Context, ops []connectors.Op) []connectors.Result {
	results := make([]connectors.Result, 0, len(ops))
	for len(ops) > 0 {
		n := min(t.batch, len(ops))
		messages := make([]message, n)
		for i, op := range ops[:n] {
			messages[i] = messageOf(op)
		}
		outcome, err := t.post(ctx, messages)
		for _, m := range messages {
			r := connectors.Result{Outcome: outcome, Err: err}
			if outcome == connectors.Applied {
				r.Key = m.ID
			}
			results = append(results, r)
		}
		ops = ops[n:]
	}
	return results
}

func messageOf(op connectors.Op) message {
	m := message{Op: op.ID, ID: op.Key, Fields: make(map[string]string, len(op.Fields))}
	if m.ID == "" {
		m.ID = record.Key(strings.TrimPrefix(op.ExternalID, external))
	}
	for name, v := range op.Fields {
		m.Fields[name] = v.Text
	}
	return m
}

// post sends one request and sorts what became of it.
func (t *Target) post(ctx context.Context, messages []message) (connectors.Outcome, error) {
	body, err := json.Marshal(map[string][]message{"records": messages})
	if err != nil {
		panic(err) // our own type
	}
	if ctx.Err() != nil {
		return connectors.NotApplied, ctx.Err()
	}
	status, err := t.call(ctx, http.MethodPost, "/", body)
	switch {
	case neverSent(err):
		return connectors.NotApplied, connectors.Errorf(connectors.Unavailable, "crm-unreachable", "post: %w", err)
	case err != nil:
		return connectors.InDoubt, connectors.Errorf(connectors.Unavailable, "crm-unreachable", "post: %w", err)
	case status/100 == 2:
		return connectors.Applied, nil
	case status/100 == 4:
		return connectors.NotApplied, connectors.Errorf(connectors.Rejected, "crm-record-refused", "post: status %d", status)
	}
	return connectors.ReadBack, connectors.Errorf(connectors.Unavailable, "crm-server-error", "post: status %d", status)
}

// call does one request and gives the answer's status.
func (t *Target) call(ctx context.Context, method, path string, body []byte) (int, error) {
	req, err := http.NewRequestWithContext(ctx, method, t.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	answer, err := t.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return 0, fmt.Errorf("answer: %w", err)
	}
	return answer.StatusCode, nil
}

// neverSent says whether no connection came about.
func neverSent(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "dial"
}
