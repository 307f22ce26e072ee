package support

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"syncbox/firmware/internal/config"
	"syncbox/ota/order"
)

// mostChanges bounds one order of settings.
const mostChanges = 32

// changes reads the arguments of a config: {"set":[{"key":"job.acomba.share.folder","value":"Compta"}]}, values as people
// type them. Secrets are none of them: the broker could read them.
func changes(args json.RawMessage) ([]config.Change, error) {
	var a struct {
		Set []struct{ Key, Value string } `json:"set"`
	}
	if err := json.Unmarshal(args, &a); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArgs, err)
	}
	if len(a.Set) == 0 || len(a.Set) > mostChanges {
		return nil, fmt.Errorf("%w: %d values", ErrArgs, len(a.Set))
	}
	var all []config.Change
	for _, x := range a.Set {
		if _, secret := config.Known(x.Key); secret {
			return nil, fmt.Errorf("%w: %s is a secret", ErrArgs, x.Key)
		}
		v, err := config.Parse(x.Key, x.Value)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrArgs, err)
		}
		all = append(all, config.Change{Key: x.Key, Value: v})
	}
	return all, nil
}

// harmless are the values that neither say where the customer's data go nor by which way. Whatever comes new counts as one
// that does.
var harmless = []string{"box.language", "box.zone", "updates.automatic", "updates.hours", "updates.not_before",
	"job.interval", "job.allowed", "job.backup", "job.share.folder", "job.acomba.company", "job.acomba.handoff_folder"}

// MovesData says whether a config names a new server, share or CRM, or changes the way there: addresses, name servers,
// log-ons, sealing. What can't be read counts as such.
func MovesData(args json.RawMessage) bool {
	all, err := changes(args)
	return err != nil || slices.ContainsFunc(all, func(c config.Change) bool { return !slices.Contains(harmless, config.Topic(c.Key)) })
}

func configure(ctx context.Context, d *Desk, e Entry) (any, error) {
	all, err := changes(e.Args)
	if err != nil {
		return nil, err
	}
	changed, err := d.c.Actions.Configure(ctx, all, e.Role == order.Danger)
	var refused config.Refused
	if errors.As(err, &refused) {
		why := map[string]config.Why{}
		for _, r := range refused {
			why[r.Key] = r.Why
		}
		return map[string]any{"refused": why}, fmt.Errorf("%w: %w", ErrArgs, err)
	}
	return map[string]any{"changed": changed}, err
}
