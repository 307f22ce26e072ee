package vm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
)

// execute has the emulator's monitor do something, in the words of QEMU's docs/interop/qmp-spec and
// qemu-qmp-ref, and gives what it returns. Config.Control must be set.
func (m *Machine) execute(ctx context.Context, command string, arguments map[string]any) (json.RawMessage, error) {
	conn, err := m.dial(ctx, qmpSocket)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	answers := json.NewDecoder(conn)
	for _, c := range []map[string]any{{"execute": "qmp_capabilities"}, {"execute": command, "arguments": arguments, "id": "asked"}} {
		if err := json.NewEncoder(conn).Encode(c); err != nil {
			return nil, fmt.Errorf("%s: %w", command, err)
		}
	}
	for { // greeting, events and the answer to the first command come before
		var answer struct {
			ID     string
			Error  *struct{ Desc string }
			Return json.RawMessage
		}
		if err := answers.Decode(&answer); err != nil {
			return nil, fmt.Errorf("%s: %w", command, errors.Join(err, ctx.Err()))
		}
		if answer.Error != nil {
			return nil, fmt.Errorf("%s: %s", command, answer.Error.Desc)
		}
		if answer.ID == "asked" {
			return answer.Return, nil
		}
	}
}

// findDevice asks the emulator for the path of the one device of a kind.
func (m *Machine) findDevice(ctx context.Context, kind string) (string, error) {
	const where = "/machine/unattached"
	answer, err := m.execute(ctx, "qom-list", map[string]any{"path": where})
	if err != nil {
		return "", fmt.Errorf("find device %s: %w", kind, err)
	}
	var list []struct{ Name, Type string }
	if err := json.Unmarshal(answer, &list); err != nil {
		return "", fmt.Errorf("find device %s: %w", kind, err)
	}
	for _, d := range list {
		if d.Type == "child<"+kind+">" {
			return where + "/" + d.Name, nil
		}
	}
	return "", fmt.Errorf("find device %s: the machine has none", kind)
}

// SetLink plugs the cable of the network card in or pulls it out.
func (m *Machine) SetLink(ctx context.Context, in bool) error {
	_, err := m.execute(ctx, "set_link", map[string]any{"name": networkID, "up": in})
	return err
}

// Stall lets the disk take hardly a byte a second from now on, so that whoever waits for it waits for ever; or lets it
// go on, with all that waits.
func (m *Machine) Stall(ctx context.Context, stalled bool) error {
	pace := 0 // without limit
	if stalled {
		pace = 1
	}
	_, err := m.execute(ctx, "block_set_io_throttle", map[string]any{
		"device": diskID, "bps": pace, "bps_rd": 0, "bps_wr": 0, "iops": 0, "iops_rd": 0, "iops_wr": 0,
	})
	return err
}

// Forward makes a TCP port of the machine reachable on a free port of this host's loopback, and gives its address. The
// machine must be on the network "user", and Config.Control set.
func (m *Machine) Forward(ctx context.Context, port int) (address string, err error) {
	for _, order := range []string{fmt.Sprintf("hostfwd_add %s tcp:127.0.0.1:0-:%d", networkID, port), "info usernet"} {
		answer, err := m.execute(ctx, "human-monitor-command", map[string]any{"command-line": order})
		if err != nil {
			return "", fmt.Errorf("forward port %d: %w", port, err)
		}
		var text string
		if err := json.Unmarshal(answer, &text); err != nil {
			return "", fmt.Errorf("forward port %d: %w", port, err)
		}
		for line := range strings.Lines(text) {
			// TCP[HOST_FORWARD]  13       127.0.0.1 40111       10.0.2.15    80     0     0
			if f := strings.Fields(line); len(f) > 5 && f[0] == "TCP[HOST_FORWARD]" && f[5] == strconv.Itoa(port) {
				return net.JoinHostPort(f[2], f[3]), nil
			}
		}
	}
	return "", fmt.Errorf("forward port %d: the emulator has no such port", port)
}
