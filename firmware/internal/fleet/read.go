package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"syncbox/firmware/internal/support/wire"
)

// What is wrong with a message that can't be used.
var (
	ErrTooBig = fmt.Errorf("more than %d bytes", wire.MaxMessage)
	ErrForm   = errors.New("not what a box of this version says")
)

// read reads a message of a box.
func read[T any](payload []byte, check func(T) error) (m T, err error) {
	if len(payload) > wire.MaxMessage {
		return m, ErrTooBig
	}
	if err = json.Unmarshal(payload, &m); err != nil {
		return m, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return m, check(m)
}

// readStatus reads a status. A state that is not known makes sense all the same: a newer box may have more of them.
func readStatus(payload []byte) (wire.Status, error) {
	return read(payload, func(s wire.Status) error {
		if s.State == "" {
			return fmt.Errorf("%w: no state", ErrForm)
		}
		return nil
	})
}

// readAck reads how far an order is; id is what the topic says.
func readAck(payload []byte, id string) (wire.Ack, error) {
	return read(payload, func(a wire.Ack) error {
		switch {
		case a.ID != id:
			return fmt.Errorf("%w: tells of order %q under the topic of %q", ErrForm, a.ID, id)
		case a.Phase == "":
			return fmt.Errorf("%w: no phase", ErrForm)
		}
		return nil
	})
}

// ackOf gives what a box says of an order, and which box; false for any other message, and one that can't be used.
func ackOf(h Heard) (box string, a wire.Ack, ok bool) {
	box, what, ours := wire.BoxOf(h.Topic)
	id, isAck := strings.CutPrefix(what, "ack/")
	if !ours || !isAck {
		return "", a, false
	}
	a, err := readAck(h.Payload, id)
	return box, a, err == nil
}

// EventOf gives what a box says that has happened to it, and which box; false for any other message, and one that can't be used.
func EventOf(h Heard) (box string, kind wire.Kind, e wire.Event, ok bool) {
	box, what, ours := wire.BoxOf(h.Topic)
	k, isEvent := strings.CutPrefix(what, "evt/")
	if !ours || !isEvent {
		return "", "", e, false
	}
	e, err := read(h.Payload, func(wire.Event) error { return nil })
	return box, wire.Kind(k), e, err == nil
}
