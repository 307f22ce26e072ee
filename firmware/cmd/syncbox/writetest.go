package main

import (
	"fmt"

	"syncbox/connectors/acomba"
)

// startTest begins a write test on a customer made for tests, and tells the technician what to do in Acomba.
func startTest(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	t, err := client.StartWriteTest(c.ctx, c.job, c.args[0])
	if err != nil {
		return err
	}
	fmt.Fprintln(c.out, p.Text("writetest.started", map[string]string{"customer": t.Customer, "field": t.Field, "marker": t.Marker, "reply": t.Reply}))
	return nil
}

// checkTest confirms a write test.
func checkTest(c *call) error {
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	seen := acomba.Seen{By: c.by, ByNumber: true, ByName: true}
	if err := client.CheckWriteTest(c.ctx, c.job, seen); err != nil {
		return err
	}
	fmt.Fprintln(c.out, p.Text("writetest.confirmed", nil))
	return nil
}
