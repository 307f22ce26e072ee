package order

import "strings"

// maxName is how long the name of a box or group may be.
const maxName = 64

// Plain says whether a box or group may have a name: at most 64 letters, digits, "-" and "_", so that as a level of a topic it is
// no wildcard, no other level, not what the broker keeps for itself, and the same in NATS, which has "." for "/".
func Plain(name string) bool {
	if name == "" || len(name) > maxName {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// Recipient says whether an order may be for that: "box:" or "grp:", and a name.
func Recipient(to string) bool {
	kind, name, _ := strings.Cut(to, ":")
	return (kind == "box" || kind == "grp") && Plain(name)
}
