package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/web/browsertest"
)

// tell prints a figure: name, value, unit.
func tell(name string, value float64, places int, unit string) {
	fmt.Printf("page.%s %s %s\n", name, strconv.FormatFloat(value, 'f', places, 64), unit)
}

// firstReads is how often a page is read by a browser that has nothing of it yet.
const firstReads = 5

// measure tells how fast the status page is there, what it weighs, and what pages that are open cost the box.
func (s *stage) measure(ctx context.Context, pages int) error {
	if err := s.box.WaitFor(ctx, "box starts"); err != nil {
		return err
	}
	reader := browsertest.Reader{Size: browsertest.Phone, Language: s.Language}
	var paints []time.Duration
	weight := 0
	for range firstReads {
		p, err := s.browser.Open(reader, s.url, "/")
		if err != nil {
			return err
		}
		painted, err := p.Painted()
		if err == nil {
			weight, err = p.Weight()
		}
		p.Close()
		if err != nil {
			return err
		}
		paints = append(paints, painted)
	}
	slices.Sort(paints)
	tell("first_paint", paints[len(paints)/2].Seconds(), 2, "s")
	tell("first_paint_slowest", paints[len(paints)-1].Seconds(), 2, "s")
	tell("weight", float64(weight), 0, "B")
	return s.cost(ctx, reader, pages)
}

// cost opens pages that stay open, and tells what the box's process holds more for each of them than before, and what all of
// the machine does.
func (s *stage) cost(ctx context.Context, reader browsertest.Reader, pages int) error {
	before, err := s.most(ctx)
	if err != nil {
		return err
	}
	for range pages {
		p, err := s.browser.Open(reader, s.url, "/")
		if err != nil {
			return err
		}
		defer p.Close()
	}
	after, err := s.most(ctx)
	if err != nil {
		return err
	}
	tell("open_pages", float64(pages), 0, "pages")
	tell("rss_before", before.RSS, 0, "KiB")
	tell("rss_open", after.RSS, 0, "KiB")
	tell("open_page_rss", (after.RSS-before.RSS)/float64(pages), 0, "KiB")
	tell("open_page_machine", (after.Used()-before.Used())/float64(pages), 0, "KiB")
	return nil
}

// most asks the box some times what it uses, since the collector of garbage comes and goes, and gives the most of each.
func (s *stage) most(ctx context.Context) (most sitetest.Sample, err error) {
	for range 5 {
		is, err := s.box.Ask(ctx)
		if err != nil {
			return most, err
		}
		if is.Used() > most.Used() {
			most.Total, most.Available = is.Total, is.Available
		}
		most.RSS = max(most.RSS, is.RSS)
	}
	return most, nil
}
