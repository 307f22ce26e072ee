package sim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Campaign is many worlds.
type Campaign struct {
	First                  uint64 // seed; the others follow
	Seeds, Singles, Double int
	// Bolt is the share of random worlds with real databases, 0 to 1; they lie in Dir.
	Bolt    float64
	Dir     string
	Workers int
	// Twice is the share of random worlds that are run twice.
	Twice float64
	// Cloud: worlds whose ERP is in the cloud alone.
	Cloud bool
	// Mailbox: worlds alone in which deletions travel.
	Mailbox bool
	// HandsOver: worlds alone in which records of the CRM are born in the ERP once somebody asks for them.
	HandsOver bool
	// Found is called for each finding, by one goroutine at a time, and says whether to go on.
	Found func(Finding) bool

	without []Deed
}

// Leave names deeds, with commas, that do not happen.
func (c *Campaign) Leave(names string) error {
	for name := range strings.SplitSeq(names, ",") {
		d := slices.Index(deedNames[:], name)
		if name != "" && d < 0 {
			return fmt.Errorf("no deed is called %q", name)
		}
		if name != "" {
			c.without = append(c.without, Deed(d))
		}
	}
	return nil
}

// jobs gives the worlds one by one, the long ones first.
func (c *Campaign) jobs(yield func(Job) bool) {
	for _, exhaustive := range []struct {
		mode Mode
		n    int
	}{{Double, c.Double}, {Single, c.Singles}} {
		for n := range exhaustive.n {
			if !yield(Job{Seed: c.seed(n), Mode: exhaustive.mode, Without: c.without}) {
				return
			}
		}
	}
	bolt, twice := 0.0, 0.0
	for n := range c.Seeds {
		j := Job{Seed: c.seed(n), Mode: Random, Without: c.without}
		if bolt += c.Bolt; bolt >= 1 {
			bolt--
			j.Dir = c.Dir
		}
		if twice += c.Twice; twice >= 1 {
			twice--
			j.Twice = true
		}
		if !yield(j) {
			return
		}
	}
}

// seed gives the seed of the nth world.
func (c *Campaign) seed(n int) uint64 {
	if c.Mailbox {
		return firstMailed + (c.First+uint64(n))%firstMailed
	}
	if c.HandsOver {
		return firstHanded + (c.First+uint64(n))%mostHanded
	}
	if c.Cloud {
		return nextCloudy(c.First, n)
	}
	return c.First + uint64(n)
}

// Run tries all worlds and counts.
func (c *Campaign) Run() Tally {
	jobs, tallies := make(chan Job, 64), make(chan Tally, 64)
	stop := make(chan struct{})
	go func() {
		defer close(jobs)
		c.jobs(func(j Job) bool {
			select {
			case jobs <- j:
				return true
			case <-stop:
				return false
			}
		})
	}()
	var workers sync.WaitGroup
	for range c.Workers {
		workers.Go(func() {
			for j := range jobs {
				tallies <- j.Try()
			}
		})
	}
	go func() {
		workers.Wait()
		close(tallies)
	}()
	return c.collect(tallies, stop)
}

func (c *Campaign) collect(tallies <-chan Tally, stop chan struct{}) Tally {
	var sum Tally
	stopped := false
	for t := range tallies {
		sum.Runs += t.Runs
		sum.Points += t.Points
		sum.Crashes += t.Crashes
		for _, f := range t.Findings {
			sum.Findings = append(sum.Findings, f)
			if c.Found != nil && !c.Found(f) && !stopped {
				stopped = true
				close(stop)
			}
		}
	}
	return sum
}
