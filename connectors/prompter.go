package connectors

import (
	"context"
	"time"
)

// Prompter is a side on which people may wait for an answer while the job rests between two cycles: a representative sits at a
// customer's, and asks for prices.
type Prompter interface {
	// Prompt says whether something is there for which the next cycle is not to wait: true once for each such thing, however long it
	// stays. It costs one cheap request at most, and is called by the goroutine of the other methods, between cycles. An error says
	// nothing of the side: the next cycle finds out by itself.
	Prompt(ctx context.Context) (bool, error)
	// PromptEvery is the time between two questions; 0 = none are to be asked. It asks nobody.
	PromptEvery() time.Duration
}
