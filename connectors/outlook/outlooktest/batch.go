package outlooktest

import (
	"context"
	"net/http"
	"strings"
)

// place is where a call of a batch stands among those at work for its mailbox.
type place struct{ refused bool }

// batch answers the calls of a batch, each with its own status. Those that depend on another come after it in the batch.
func (s *Server) batch(ctx context.Context, c *Call, in *incoming) *answer {
	c.Op, c.Path = OpBatch, "$batch"
	s.mu.Lock()
	_, prob := s.bearer(in.header.Get("Authorization"))
	most := s.limits.BatchItems
	s.mu.Unlock()
	if prob != nil {
		return s.refused(c, prob)
	}
	return s.withFaults(ctx, c, nil, &request{op: OpBatch, method: in.method}, func() *answer {
		items, prob := readBatch(in, most)
		if prob != nil {
			return s.refused(c, prob)
		}
		return s.batchItems(ctx, c, in, items)
	})
}

// readBatch reads the calls of a batch.
func readBatch(in *incoming, most int) ([]Object, *problem) {
	if in.method != http.MethodPost {
		return nil, notAllowed()
	}
	body, err := decodeObject(in.body)
	if err != nil {
		return nil, badRequest("Invalid batch payload format.")
	}
	items := objects(body["requests"])
	if len(items) == 0 || most > 0 && len(items) > most {
		return nil, badRequest("Number of batch request steps exceeds the maximum value of %d, or there are none.", most)
	}
	seen := map[string]bool{}
	for _, item := range items {
		id := strings.ToLower(text(item, "id"))
		if id == "" || seen[id] || text(item, "method") == "" || text(item, "url") == "" {
			return nil, badRequest("Invalid batch payload format: id, method and url are wanted, and each id once.")
		}
		headers, _ := item["headers"].(Object)
		if item["body"] != nil && headers == nil {
			return nil, badRequest("Invalid batch payload format: a body wants headers with a Content-Type.")
		}
		for _, on := range dependencies(item) {
			if !seen[on] {
				return nil, badRequest("Invalid batch payload format: dependsOn wants an id that comes before.")
			}
		}
		seen[id] = true
	}
	return items, nil
}

func dependencies(item Object) (ids []string) {
	list, _ := item["dependsOn"].([]any)
	for _, v := range list {
		id, _ := v.(string)
		ids = append(ids, strings.ToLower(id))
	}
	return ids
}

func (s *Server) batchItems(ctx context.Context, c *Call, in *incoming, items []Object) *answer {
	places, leave := s.places(items)
	defer leave()
	failed := map[string]bool{}
	var out []any
	for i, item := range items {
		id := text(item, "id")
		a := s.batchItem(ctx, c, in, item, failed, places[i])
		if a.closed || a.keep >= 0 {
			return &answer{closed: true}
		}
		failed[strings.ToLower(id)] = !a.succeeded()
		out = append(out, a.inBatch(id))
	}
	a := jsonAnswer(http.StatusOK, Object{"responses": out})
	a.rows = len(out)
	return a
}

// batchItem answers one call, in a journal entry of its own.
func (s *Server) batchItem(ctx context.Context, c *Call, in *incoming, item Object, failed map[string]bool, place *place) *answer {
	one := s.journal.begin(s.clock.Now(), c.Seq)
	one.Method = strings.ToUpper(text(item, "method"))
	var a *answer
	for _, on := range dependencies(item) {
		if failed[on] {
			a = s.refused(one, refuse(424, "FailedDependency", "A request that this one depends on has failed."))
		}
	}
	if a == nil {
		a = s.call(ctx, one, in.item(item, one.Method), place)
	}
	s.end(one, a)
	return a
}

// item makes a call of an item of a batch. It has its own headers but for the token.
func (in *incoming) item(item Object, method string) *incoming {
	out := &incoming{method: method, address: "/v1.0/" + strings.TrimPrefix(text(item, "url"), "/"), base: in.base, header: http.Header{}}
	headers, _ := item["headers"].(Object)
	for name, v := range headers {
		value, _ := v.(string)
		out.header.Set(name, value)
	}
	if out.header.Get("Authorization") == "" {
		out.header.Set("Authorization", in.header.Get("Authorization"))
	}
	if body, ok := item["body"]; ok {
		out.body = encode(body)
	}
	return out
}

// places gives the calls of a batch their places. Outlook works on as many of them at once as the limit allows; those that find no place
// beside other calls are refused.
func (s *Server) places(items []Object) (places []*place, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	most := s.limits.Concurrent
	taken, turn := map[*mailbox]int{}, map[*mailbox]int{}
	for _, item := range items {
		p := &place{}
		places = append(places, p)
		mb := s.mailbox(userOf(text(item, "url")))
		if mb == nil || most <= 0 {
			continue
		}
		slot := turn[mb] % most
		turn[mb]++
		if p.refused = slot >= most-s.gaugeOf(mb).working; !p.refused {
			taken[mb] = max(taken[mb], slot+1)
		}
	}
	for mb, n := range taken {
		s.gaugeOf(mb).working += n
	}
	return places, func() {
		for mb, n := range taken {
			s.leaveMailbox(mb, n)
		}
	}
}

// userOf gives the user that the address of a call names.
func userOf(address string) string {
	q, _ := route(http.MethodGet, "/v1.0/"+strings.TrimPrefix(address, "/"), http.Header{})
	return q.user
}
