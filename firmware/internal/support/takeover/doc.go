// Package takeover tries the box's channel to support against a broker that somebody has taken over. The broker is its own small
// one, written from MQTT 3.1.1 (https://docs.oasis-open.org/mqtt/mqtt/v3.1.1/mqtt-v3.1.1.html) and the contract between box and
// support; it shares nothing with the box, so that the two cannot agree on the same mistake. It replays, delays, drops, repeats and
// forges, forgets what it has acknowledged, takes the box's place, and cuts the connection at any byte. Whatever it does,
// nothing may happen on the box that support has not signed, nothing twice and nothing late; and with an honest broker
// the box works again.
//
//	go test ./firmware/internal/support/takeover                    some thousand histories
//	go test ./firmware/internal/support/takeover -run History -args -seeds 1000000
//	go test ./firmware/internal/support/takeover -run Nothing -bench Ack -benchtime 300x -timeout 20m    a command, and its durable acknowledgement
package takeover
