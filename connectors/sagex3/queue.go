package sagex3

import (
	"context"
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// noteQueue says that the lists were told whole, so that the queue goes on from there.
const noteQueue = "queue"

// queueFields are our names of the fields of a line of the queue.
var queueFields = []string{"line", "user", "object", "key", "action", "status"}

// waiting is the status of a line that nobody has dealt with.
const waiting = "0"

func (s *Server) describeQueue(ctx context.Context) error {
	_, err := s.described(ctx, s.cfg.Queue, s.cfg.QueueFields, queueFields...)
	return err
}

// lookAtQueue tells the records of the user's lines, whatever their action: a read shows what became of them. Only once that is
// durable the lines are taken away. A change that is merged into a line in between is seen by the read that follows.
func (u *User) lookAtQueue(ctx context.Context, o connectors.Observation) error {
	lines, err := u.queued(ctx)
	if err != nil && !passedOver(err) {
		return err
	}
	for _, e := range order {
		if err != nil && u.has(e) {
			o.Skip(e, err)
		}
	}
	for _, l := range lines {
		if u.has(l.entity) {
			o.Changed(l.entity, l.key, nil)
		}
	}
	if err := o.Commit(); err != nil {
		return err
	}
	return u.settle(ctx, lines)
}

// queuedLine is a line of the queue.
type queuedLine struct {
	number string
	entity record.Entity
	key    record.Key
}

func (u *User) queued(ctx context.Context) ([]queuedLine, error) {
	s := u.server
	if err := s.describeQueue(ctx); err != nil {
		return nil, err
	}
	code := s.cfg.QueueFields
	rows, err := s.rows(ctx, s.cfg.Queue, code["user"], u.cfg.Login)
	if err != nil {
		return nil, err
	}
	var lines []queuedLine
	for _, r := range rows {
		l := queuedLine{number: one(r, code["line"]), key: record.Key(one(r, code["key"]))}
		for e, object := range objects {
			if object == one(r, code["object"]) {
				l.entity = e
			}
		}
		switch {
		case l.number == "" || l.key == "":
			return nil, s.failure(connectors.Unavailable, CodeBadAnswer, errors.New("a line of the queue without number or key"))
		case one(r, code["user"]) == u.cfg.Login && one(r, code["status"]) == waiting && u.has(l.entity):
			lines = append(lines, l)
		}
	}
	return lines, nil
}

// settle takes lines away. One that stays is told again, which is harmless; what refuses a line is none of the look's.
func (u *User) settle(ctx context.Context, lines []queuedLine) error {
	for _, l := range lines {
		_, err := u.server.call(ctx, "delete", u.server.cfg.Queue, keys(u.server.cfg.QueueFields["line"], l.number))
		if err != nil && connectors.KindOf(err) != connectors.Rejected {
			return err
		}
	}
	return nil
}
