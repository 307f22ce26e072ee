// Package wire is what a box and support say to each other over an MQTT 3.1.1 broker: topics and messages, JSON in UTF-8.
// Who reads ignores fields that he does not know. Orders themselves are of package order.
//
//	sb/v1/{box}/status    from the box, retained      Status; the broker tells "lost" there when the connection breaks
//	sb/v1/{box}/desired   to the box, retained        signed: what the box shall run, its groups, its spread
//	sb/v1/{box}/cmd       to the box                  signed: one thing to do
//	sb/v1/{box}/ack/{id}  from the box                Ack: how far an order is
//	sb/v1/{box}/evt/{k}   from the box                Event of kind k
//	sb/v1/fleet/{grp}     to the boxes of a group, retained   signed
//
// All go with QoS 1. {box} is the common name of the box's certificate, and its name and client id at the broker.
package wire

import (
	"strings"

	"syncbox/ota/order"
)

// MaxMessage is the most bytes of a message, both ways.
const MaxMessage = 4096

const (
	prefix = "sb/v1/"
	fleet  = "fleet"
)

// StatusTopic is where a box tells how it is.
func StatusTopic(box string) string { return prefix + box + "/status" }

// DesiredTopic is where a box hears what it shall run.
func DesiredTopic(box string) string { return prefix + box + "/desired" }

// CmdTopic is where a box hears what it shall do.
func CmdTopic(box string) string { return prefix + box + "/cmd" }

// AckTopic is where a box tells how far an order is.
func AckTopic(box, id string) string { return prefix + box + "/ack/" + id }

// EventTopic is where a box tells what happened.
func EventTopic(box string, k Kind) string { return prefix + box + "/evt/" + string(k) }

// FleetTopic is where the boxes of a group hear what they shall run.
func FleetTopic(group string) string { return prefix + fleet + "/" + group }

// BoxOf gives the name of the box that a topic of a box is about, and what comes behind it: "status", "ack/{id}"; false for
// any other topic.
func BoxOf(topic string) (box, what string, ok bool) {
	rest, ours := strings.CutPrefix(topic, prefix)
	box, what, ok = strings.Cut(rest, "/")
	if !ours || !ok || box == fleet || !Plain(box) || what == "" {
		return "", "", false
	}
	return box, what, true
}

// Plain says whether a name of a box or group may be a level of a topic, by the rule for those that orders are for.
func Plain(name string) bool { return order.Plain(name) }
