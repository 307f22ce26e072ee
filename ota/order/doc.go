// Package order reads and signs what boxes are told to do: a DSSE envelope
// (https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md) around a small JSON payload, signed with ed25519
// by the keys of a role. Whoever only carries orders (a broker, an update server, a USB stick) can drop and delay
// them, and nothing else: an order names its box, ends after a week at most, and is never carried out twice.
//
// Which keys may sign which order is written in the root of the update metadata (package trust); how many must sign is
// looked up by what the order does, never by what it says of itself.
package order
