package engine

import (
	"encoding/json"
	"time"

	"syncbox/connectors"
	"syncbox/sync/store"
)

// limit is how long a side asked to be left alone. It outlives a restart.
type limit struct {
	Until time.Time // in the job's own time
	Code  string
	Args  map[string]string `json:",omitempty"`
}

func limitName(side connectors.Side) string { return "limit-" + side.String() }

// leaveAlone takes note that a side asks to wait, and ends the cycle: without it nothing can be compared.
// What is absurdly long counts as the longest wait of a record.
func (c *cycle) leaveAlone(side connectors.Side, err error) bool {
	e, ok := errorOf(err)
	if !ok || e.Kind != connectors.RateLimited || e.Retry <= 0 {
		return false
	}
	l := limit{Until: c.age().Add(min(e.Retry, c.set.RetryMost)), Code: e.Code, Args: e.Args}
	b, fault := json.Marshal(l)
	if fault != nil {
		panic(fault) // our own type
	}
	c.update(func(t *store.Txn) error { t.Set(limitName(side), string(b)); return nil })
	c.stopBoth(err)
	return true
}

// limited ends a cycle in which a side is still to be left alone.
func (c *cycle) limited() bool {
	for _, side := range []connectors.Side{connectors.ERP, connectors.CRM} {
		kept := c.setting(limitName(side))
		if kept == "" {
			continue
		}
		var l limit
		rest := time.Duration(0)
		if json.Unmarshal([]byte(kept), &l) == nil {
			rest = l.Until.Sub(c.age())
		}
		if rest > 0 {
			c.resting = true
			c.stopBoth(&connectors.Error{Kind: connectors.RateLimited, Code: l.Code, Args: l.Args, Retry: rest})
			return true
		}
		c.update(func(t *store.Txn) error { t.Set(limitName(side), ""); return nil })
	}
	return false
}
