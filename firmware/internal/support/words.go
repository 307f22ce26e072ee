package support

import (
	"syncbox/firmware/internal/support/wire"
	"syncbox/firmware/internal/updates"
	"syncbox/ota/update"
)

// ack says how far an order is.
func (d *Desk) ack(e Entry, phase wire.Phase, code string, detail any) wire.Ack {
	return wire.Ack{ID: e.ID, Op: e.Op, Phase: phase, Code: code, Detail: detailOf(detail), Explain: d.explain(phase, code),
		TS: d.c.Clock().Now.Unix(), Session: d.store.Session()}
}

// explain says a phase, and where there is a code what that means and what is to be done.
func (d *Desk) explain(phase wire.Phase, code string) string {
	text := d.c.Words("support.phase-"+string(phase), nil)
	if code == "" {
		return text
	}
	code = healthCode(code)
	return text + " " + d.c.Words("code."+code, nil) + " " + d.c.Words("do."+code, nil)
}

// healthCode gives the health code of a code of the protocol.
func healthCode(code string) string {
	code, _ = updates.CodeOf(update.Code(code))
	return code
}

func (d *Desk) event(k wire.Kind, code string, detail map[string]any) Message {
	return Message{Topic: wire.EventTopic(d.c.Box, k), Payload: mustJSON(wire.Event{Code: code, Detail: detail, TS: d.c.Clock().Now.Unix(), Session: d.store.Session()})}
}

// Tell puts an event into the outbox.
func (d *Desk) Tell(k wire.Kind, code string, detail map[string]any) error {
	return d.store.Post(d.event(k, code, detail))
}
