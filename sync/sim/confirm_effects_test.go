package sim

import (
	"regexp"

	"syncbox/sync/engine"
)

// confirmEffects are what worlds show in which runs wait until a person has ticked what they would change.
var confirmEffects = map[string]string{
	"confirm: a run waits":                            ` journal \d+: run-unconfirmed `,
	"confirm: a person ticks it, and it is done":      ` person: confirm [0-9a-f]{16}\n(?:.*\n){1,40}.* \w+ apply$`,
	"confirm: a person lets it wait":                  ` a person lets the run wait$`,
	"confirm: a person ticks what is not shown":       ` person: confirm of another one$`,
	"confirm: a record is left out this time":         ` person: not-this-time `,
	"confirm: a record is left out for good":          ` person: never `,
	"confirm: a person takes that back":               ` person: unmark `,
	"confirm: what changed since is shown once more":  ` run-unconfirmed (?s:.*) a person changes (?s:.*) person: confirm (?s:.*) run-unconfirmed `,
	"confirm: what refers to what is left out, waits": ` waits \d+/reference/: .* reference-marked$`,
}

// confirms takes out what a world showed of that.
func (m missing) confirms(w *world, history string) {
	if w.shape.Set.Confirm == engine.ConfirmNever {
		return
	}
	for name, pattern := range confirmEffects {
		if m[name] && regexp.MustCompile(`(?m)`+pattern).MatchString(history) {
			delete(m, name)
		}
	}
	delete(m, "confirm "+string(w.shape.Set.Confirm))
}
