package vm_test

import (
	"context"
	"net"
	"testing"
	"time"

	"syncbox/image/internal/need"
	"syncbox/image/vm"
)

// TestQEMUForward leads ports of a machine that stands still to ports of this one, each to its own.
func TestQEMUForward(t *testing.T) {
	need.Programs(t, vm.Program)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m := start(t, ctx, vm.Config{BIOS: "/dev/zero", Memory: 64, Control: true, Args: []string{"-S"}})
	seen := map[string]bool{}
	for _, port := range []int{80, 443} {
		address, err := m.Forward(ctx, port)
		if err != nil {
			t.Fatal(err)
		}
		host, _, err := net.SplitHostPort(address)
		if err != nil || host != "127.0.0.1" || seen[address] {
			t.Errorf("port %d is at %q, %v", port, address, err)
		}
		seen[address] = true
		conn, err := net.DialTimeout("tcp", address, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		conn.Close()
	}
	if address, err := start(t, ctx, vm.Config{BIOS: "/dev/zero", Memory: 64, Control: true, Wire: true, Args: []string{"-S"}}).Forward(ctx, 80); err == nil {
		t.Errorf("a machine whose cable passes through here: %q", address)
	}
}
