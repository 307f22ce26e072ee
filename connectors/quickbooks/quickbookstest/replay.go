package quickbookstest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
)

// replayed is the first answer to a requestid.
type replayed struct {
	Status      int
	Body        string
	ContentType string
	Code        string
	Sum         string // SHA-256 of what was asked
}

// maxRequestID is the greatest length of a requestid, in bytes.
const maxRequestID = 50

// once does a write or a batch, or answers as it did when the same requestid came first. The caller has the lock.
func (s *Server) once(c *Call, q *request, do func() (Object, *problem)) *answer {
	id := q.query.Get("requestid")
	if len(id) > maxRequestID {
		return s.reply(nil, invalid("2050", "Length exceeds limit", "requestid", "requestid"))
	}
	sum := q.sum()
	if first := s.state.replays[id]; id != "" && first != nil {
		c.Replayed, c.Reused = true, first.Sum != sum
		a := bodyAnswer([]byte(first.Body))
		a.status, a.code, a.header = first.Status, first.Code, http.Header{"Content-Type": {first.ContentType}}
		return a
	}
	a := s.reply(do())
	if id != "" && (a.succeeded() || s.switches.ReplayFaults) {
		s.state.replays[id] = &replayed{a.status, string(a.body), a.header.Get("Content-Type"), a.code, sum}
	}
	return a
}

// sum tells requests apart that have one requestid.
func (q *request) sum() string {
	b, err := json.Marshal([]any{q.entity, q.operation, q.object, itemsOf(q.items)})
	if err != nil {
		panic("quickbookstest: " + err.Error())
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

func itemsOf(items []batchItem) (out []any) {
	for _, item := range items {
		out = append(out, []any{item.id, item.query, item.write.Op, item.write.Entity, item.object})
	}
	return out
}
