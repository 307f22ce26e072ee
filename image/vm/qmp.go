package vm

import (
	"context"
	"encoding/json"
	"fmt"
)

// findDevice asks the emulator for the path of the one device of a kind, in the words of QEMU's
// docs/interop/qmp-spec.
func (m *Machine) findDevice(ctx context.Context, kind string) (string, error) {
	conn, err := m.dial(ctx, qmpSocket)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	const where = "/machine/unattached"
	answers := json.NewDecoder(conn)
	for _, command := range []string{
		`{"execute": "qmp_capabilities"}`,
		`{"execute": "qom-list", "arguments": {"path": "` + where + `"}}`,
	} {
		if _, err := fmt.Fprintln(conn, command); err != nil {
			return "", fmt.Errorf("find device %s: %w", kind, err)
		}
	}
	for {
		var answer struct {
			Error  *struct{ Desc string }
			Return json.RawMessage
		}
		if err := answers.Decode(&answer); err != nil {
			return "", fmt.Errorf("find device %s: %w", kind, err)
		}
		if answer.Error != nil {
			return "", fmt.Errorf("find device %s: %s", kind, answer.Error.Desc)
		}
		var list []struct{ Name, Type string }
		if json.Unmarshal(answer.Return, &list) != nil {
			continue // greeting, events, the answer {} to the first command
		}
		for _, d := range list {
			if d.Type == "child<"+kind+">" {
				return where + "/" + d.Name, nil
			}
		}
		return "", fmt.Errorf("find device %s: the machine has none", kind)
	}
}
