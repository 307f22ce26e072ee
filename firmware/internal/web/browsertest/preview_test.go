package browsertest_test

import (
	"context"

	"syncbox/sync/engine"
)

// Preview tells that there is none.
func (b *box) Preview(context.Context, string, engine.PreviewQuery) (engine.PreviewPage, error) {
	return engine.PreviewPage{}, engine.ErrNoSuch
}

// Links tells of none.
func (b *box) Links(context.Context, string, engine.LinkQuery) (engine.LinkPage, error) {
	return engine.LinkPage{}, nil
}
