package local

import (
	"context"
	"net/http"
	"net/url"

	"syncbox/connectors/acomba"
	"syncbox/firmware/internal/app"
)

// identity answers with what a job's company is known again by.
func (s *Server) identity(w http.ResponseWriter, r *http.Request) {
	s.paged(w, r, func(j *app.Job) (any, error) { return j.Identity() })
}

// Identity gives what the company of a job is known again by, wherever its folder was moved to; no signs before its first
// look.
func (c *Client) Identity(ctx context.Context, job string) (acomba.Identity, error) {
	var id acomba.Identity
	return id, c.ask(ctx, http.MethodGet, "/identity", url.Values{"job": {job}}, nil, &id)
}
