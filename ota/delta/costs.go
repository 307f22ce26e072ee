package delta

import "math"

// Costs says where the bytes of a delta's frames go.
type Costs struct {
	Control   float64 // what is copied from where
	Transform float64 // what refers to what: the layout, and which guess at a reference is right
	Diff      float64 // words that are other than expected
	Extra     float64 // bytes that are in no copy
	Plain     float64 // whole frames that don't look at the old image
}

// charge says what the bits that follow are for.
func (f *frame) charge(account *float64) { f.account = account }

// book adds the price of a bit to the account, where somebody asks.
func (c *coder) book(p uint32, bit int) {
	if bit == 0 {
		p = 1<<16 - p
	}
	*c.account += (16 - math.Log2(float64(p))) / 8
}

func (c *Costs) add(d Costs) {
	c.Control += d.Control
	c.Transform += d.Transform
	c.Diff += d.Diff
	c.Extra += d.Extra
	c.Plain += d.Plain
}
