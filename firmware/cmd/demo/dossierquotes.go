package main

import (
	"context"
	"time"
)

// quotes gives how many quotes were born in the application, priced at Sage and are back, and how long the slowest one took. Quotes are
// not synchronised yet.
func (d *dossier) quotes(context.Context, *stage) (n int, roundTrip time.Duration, err error) {
	return 0, 0, nil
}
