package sagex3

import (
	"context"
	"strings"
	"time"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// unknownFor is how long a code that X3 has just left out of a record is taken for one that it does not know.
const unknownFor = 24 * time.Hour

// holdCompany gives a code of a tiers as X3 shows it. One that it does not know is shown as nothing, so that it stays in Outlook,
// where somebody can correct it; X3 lists it as an anomaly (X3-23).
func (s *Server) holdCompany(code string) (string, bool) {
	if s.unknownCompany(code) {
		return "", true
	}
	return code, true
}

// unknownCompany says whether X3 does not know a code.
func (s *Server) unknownCompany(code string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at, noted := s.unknown[code]
	return noted && s.cfg.Now().Sub(at).Abs() < unknownFor
}

// learnCompany notes what a record shows after a code was written to it: X3 drops one that it does not know, and makes or changes
// the record without it.
func (s *Server) learnCompany(sent, shown string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if delete(s.unknown, shown); sent != "" && sent != shown {
		s.unknown[sent] = s.cfg.Now()
	}
}

// learn holds what was sent of a tiers against the answer, or, where that says that there is something to see and does not show it,
// against the record.
func (u *User) learn(ctx context.Context, op connectors.Op, key record.Key, r *result) {
	sent, there := op.Fields["company"]
	if !there {
		return
	}
	shown := r.payload
	if _, told := shown.first(u.server.cfg.code(op.Entity, "company")); !told {
		if r.warnings == 0 {
			return
		}
		again, err := u.server.call(ctx, "read", u.server.cfg.publication(op.Entity), keys(u.server.cfg.code(op.Entity, "chrono"), string(key)))
		if err != nil { // it is sent again with the next change
			return
		}
		shown = again.payload
	}
	u.server.learnCompany(strings.ToUpper(sent.Text), u.server.cfg.record(op.Entity, key, shown).Fields["company"].Text)
}
