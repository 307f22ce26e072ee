package main

import (
	"encoding/json"

	"syncbox/firmware/internal/support"
	"syncbox/ota/order"
)

// effectOf says what an order does to whoever it is for, where that can hurt: the key of the words, and what fills them; "" where
// it does no harm. It goes by what the order would have done, not by who has written it. What can't be read counts as the worst.
func effectOf(o order.Order) (key string, fill []string) {
	var args struct {
		Level   any    `json:"level"`
		ID      string `json:"id"`
		Version string `json:"version"`
	}
	unread := json.Unmarshal(o.Args, &args) != nil
	if o.Target != nil {
		args.Version = o.Target.Version.String()
	}
	switch o.Op {
	case order.Reboot:
		return "effect-reboot", nil
	case order.Resync:
		if args.Level == 1.0 {
			return "", nil
		}
		return "effect-resync-2", nil
	case order.Reset:
		if args.Level == "app" || args.Level == "network" {
			return "effect-reset-" + args.Level.(string), nil
		}
		return "effect-reset-full", nil
	case order.Config:
		if !support.MovesData(o.Args) {
			return "", nil
		}
		return "effect-config", nil
	case order.Cancel:
		if args.ID != "" && !unread {
			return "", nil
		}
		return "effect-cancel", nil
	case order.Desired, order.Rollout:
		return "effect-update", []string{"version", args.Version}
	case order.Downgrade:
		return "effect-downgrade", []string{"version", args.Version}
	case order.Keys:
		return "effect-keys", nil
	}
	return "", nil
}
