package connectors_test

import (
	"errors"
	"fmt"
	"io"
	"testing"

	"syncbox/connectors"
)

func TestErrorIsFoundInItsChain(t *testing.T) {
	err := fmt.Errorf("read card 812: %w", connectors.Errorf(connectors.Busy, "file-busy", "look: %w", io.ErrUnexpectedEOF))
	if got := connectors.KindOf(err); got != connectors.Busy {
		t.Errorf("kind: got %v", got)
	}
	if got := connectors.CodeOf(err); got != "file-busy" {
		t.Errorf("code: got %q", got)
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error("the cause is lost")
	}
	if got := connectors.KindOf(io.EOF); got != connectors.Unknown || connectors.CodeOf(io.EOF) != "internal-error" {
		t.Errorf("an error nobody sorted: got %v %s", got, connectors.CodeOf(io.EOF))
	}
	if got := (&connectors.Error{Code: "crm-auth"}).Error(); got != "crm-auth" {
		t.Errorf("without a cause: got %q", got)
	}
}
