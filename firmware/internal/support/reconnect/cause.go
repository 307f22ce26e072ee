package reconnect

import (
	"errors"
	"net"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// refusals are the answers to CONNECT (MQTT 3.1.1, 3.2.2.3) that another attempt would get again.
var refusals = []error{
	packets.ErrorRefusedBadProtocolVersion, packets.ErrorRefusedIDRejected,
	packets.ErrorRefusedBadUsernameOrPassword, packets.ErrorRefusedNotAuthorised,
}

// CauseOf tells from the error of a failed attempt, as the MQTT client gives it, whether the broker refused the box: by
// its answer, or by a TLS alert, as it does where a certificate is missing, outdated or not its own authority's. A
// certificate of the broker that this box does not trust is Unknown: that is for the broker to put right, and it may
// be a stranger who answered.
func CauseOf(err error) Cause {
	for _, refusal := range refusals {
		if errors.Is(err, refusal) {
			return Refused
		}
	}
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // crypto/tls names an alert of the other side so
		return Refused
	}
	return Unknown
}
