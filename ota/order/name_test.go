package order_test

import (
	"strings"
	"testing"

	"syncbox/ota/order"
)

func TestRecipient(t *testing.T) {
	for to, want := range map[string]bool{
		"box:syncbox-1a2b": true, "grp:eu-1": true, "box:_": true, "box:" + strings.Repeat("x", 64): true,
		"box:" + strings.Repeat("x", 65): false, "box:": false, "grp": false, "": false, "1": false, "fleet:1": false, "box:a.b": false,
		"box:a/b": false, "box:+": false, "box:#": false, "box:$SYS": false, "box:a b": false, "box:é": false, "grp:a:b": false, "box:a\n": false,
	} {
		if got := order.Recipient(to); got != want {
			t.Errorf("%q: got %v", to, got)
		}
	}
}
