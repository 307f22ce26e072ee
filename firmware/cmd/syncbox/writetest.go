package main

import (
	"errors"
	"fmt"

	"syncbox/connectors/acomba"
)

// startTest begins a write test and tells the technician what to do in Acomba.
func startTest(c *call) error {
	number := c.flags.Arg(0)
	if number == "" {
		return errors.New("which customer's number? Take one made for tests")
	}
	client, p, err := c.ask()
	if err != nil {
		return err
	}
	t, err := client.StartWriteTest(c.ctx, c.job, number)
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
