package reconnect_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"

	"github.com/eclipse/paho.mqtt.golang/packets"

	"syncbox/firmware/internal/support/reconnect"
)

func TestCauseOf(t *testing.T) {
	network := func(err error) error { return fmt.Errorf("%w : %w", packets.ErrorNetworkError, err) }
	rows := []struct {
		name string
		err  error
		want reconnect.Cause
	}{
		{"nothing", nil, reconnect.Unknown},
		{"not authorised", packets.ErrorRefusedNotAuthorised, reconnect.Refused},
		{"bad name", fmt.Errorf("connect: %w", packets.ErrorRefusedBadUsernameOrPassword), reconnect.Refused},
		{"identifier", packets.ErrorRefusedIDRejected, reconnect.Refused},
		{"version", packets.ErrorRefusedBadProtocolVersion, reconnect.Refused},
		{"busy", packets.ErrorRefusedServerUnavailable, reconnect.Unknown},
		{"alert", network(&net.OpError{Op: "remote error", Err: tls.AlertError(42)}), reconnect.Refused},
		{"our alert", network(&net.OpError{Op: "local error", Err: tls.AlertError(42)}), reconnect.Unknown},
		{"stranger", network(&tls.CertificateVerificationError{Err: errors.New("x509: unknown authority")}), reconnect.Unknown},
		{"nobody listens", network(&net.OpError{Op: "dial", Err: errors.New("connection refused")}), reconnect.Unknown},
		{"closed", network(io.EOF), reconnect.Unknown},
	}
	for _, row := range rows {
		if got := reconnect.CauseOf(row.err); got != row.want {
			t.Errorf("%s: got %v, want %v", row.name, got, row.want)
		}
	}
}
