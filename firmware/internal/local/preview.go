package local

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"

	"syncbox/connectors/record"
	"syncbox/firmware/internal/app"
	"syncbox/sync/engine"
)

// preview answers with a page of what the next run of a job would change.
func (s *Server) preview(w http.ResponseWriter, r *http.Request) {
	s.paged(w, r, func(j *app.Job) (any, error) {
		limit, _ := strconv.Atoi(r.FormValue("limit"))
		return j.PreviewPage(engine.PreviewQuery{Entity: record.Entity(r.FormValue("entity")), Class: engine.Class(r.FormValue("class")),
			After: r.FormValue("after"), Limit: limit})
	})
}

// paged answers with a page of a job.
func (s *Server) paged(w http.ResponseWriter, r *http.Request, page func(*app.Job) (any, error)) {
	j, err := s.App.Job(r.FormValue("job"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	v, err := page(j)
	switch {
	case errors.Is(err, engine.ErrNoSuch):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		s.answer(w, v)
	}
}

// Preview gives a page of the latest preview of a job's next run; engine.ErrNoSuch where there is none. It is asked for with
// engine.ShowPreview, and JobStatus.Status.Preview tells how it stands.
func (c *Client) Preview(ctx context.Context, job string, q engine.PreviewQuery) (engine.PreviewPage, error) {
	v := url.Values{"job": {job}, "entity": {string(q.Entity)}, "class": {string(q.Class)}, "after": {q.After}, "limit": {strconv.Itoa(q.Limit)}}
	var page engine.PreviewPage
	return page, c.ask(ctx, http.MethodGet, "/preview", v, nil, &page)
}
