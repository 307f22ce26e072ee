package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"syncbox/firmware/internal/storytest"
)

// pagePort is where the appliance serves its page.
const pagePort = 80

// startWithin bounds the start of a box, up to the first answer of its page.
const startWithin = 5 * time.Minute

// reach waits until the page of the box answers, through a port of this machine's.
func (s *stage) reach(ctx context.Context) error {
	address, err := s.box.Forward(ctx, pagePort)
	if err != nil {
		return err
	}
	s.url = "http://" + address
	client := &http.Client{Timeout: 10 * time.Second}
	var last error
	err = storytest.Until(ctx, "the page of the box", startWithin, func() bool {
		var res *http.Response
		if res, last = client.Get(s.url + "/"); last != nil {
			return false
		}
		_ = res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	if err != nil {
		return fmt.Errorf("%w: %w", err, last)
	}
	return nil
}
