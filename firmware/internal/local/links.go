package local

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/app"
	"syncbox/sync/engine"
	"syncbox/sync/store"
)

// links answers with a page of the records that a job knows. Both sides may be read for it.
func (s *Server) links(w http.ResponseWriter, r *http.Request) {
	s.paged(w, r, func(j *app.Job) (any, error) {
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		return j.Links(r.Context(), engine.LinkQuery{Entity: record.Entity(r.FormValue("entity")), State: r.FormValue("state"),
			Mark: store.Mark(r.FormValue("mark")), Text: r.FormValue("text"), After: r.FormValue("after"), Limit: limit})
	})
}

// Links gives a page of the records that a job knows, as both sides show them now. It waits until the job has its hands free.
func (c *Client) Links(ctx context.Context, job string, q engine.LinkQuery) (engine.LinkPage, error) {
	v := url.Values{"job": {job}, "entity": {string(q.Entity)}, "state": {q.State}, "mark": {string(q.Mark)}, "text": {q.Text}, "after": {q.After},
		"limit": {strconv.Itoa(q.Limit)}}
	var page engine.LinkPage
	return page, c.ask(ctx, http.MethodGet, "/links", v, nil, &page)
}
