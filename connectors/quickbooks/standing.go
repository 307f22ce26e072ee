package quickbooks

import "time"

// Connection tells how the connection is at now, for pages and lights. It waits for nothing.
func (c *Company) Connection(now time.Time) Connection { return c.api.connection(now) }

// Reads gives the count of the month's reads.
func (c *Company) Reads() (Reads, error) { return c.api.budget.state() }

// Thrift gives by how much the pause between two looks is to be multiplied: 2 once 80 % of the month's
// allowance are used, else 1.
func (c *Company) Thrift() int { return c.api.budget.thrift() }
