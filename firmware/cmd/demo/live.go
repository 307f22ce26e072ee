package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
)

// live shows the first sync with its progress, then edits on both sides that one can watch arrive.
func (s *stage) live(ctx context.Context) error {
	p, err := locale.New(s.language, time.Local)
	if err != nil {
		return err
	}
	p = p.Of(s.job.Names())
	if s.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.length)
		defer cancel()
	}
	fmt.Println(p.Text("demo.intro", map[string]string{"customers": fmt.Sprint(s.customers), "documents": fmt.Sprint(s.documents), "dir": s.dir}))
	fmt.Println(p.Text("demo.ask", map[string]string{"dir": s.dir}))
	fmt.Println(p.Text("demo.page", map[string]string{"url": s.page.url(), "code": s.page.code}))
	s.showSupport(p)
	if err := s.showFirst(ctx, p); err != nil {
		return endedByHand(ctx, err)
	}
	p.Status(os.Stdout, sitetest.Job, s.status(), "")
	customers, documents := s.company.counts()
	fmt.Println(p.Text("demo.first", map[string]string{"customers": fmt.Sprint(customers), "documents": fmt.Sprint(documents)}))
	tried, err := s.company.tryWriting(ctx, s.job)
	if err != nil {
		return endedByHand(ctx, err)
	}
	if tried {
		fmt.Println(p.Text("demo.writetest", nil))
	}
	return s.showEdits(ctx, p)
}

// showSupport prints the commands by which support sees this box and gives it orders.
func (s *stage) showSupport(p *locale.Printer) {
	fmt.Println(p.Text("demo.support", nil))
	settings := filepath.Join(s.office.dir, settingsFile)
	for _, command := range []string{"list", "show " + s.app.Box.Name, "watch", "identify " + s.app.Box.Name, "sync " + s.app.Box.Name} {
		fmt.Printf("  go run ./firmware/cmd/boxctl %s -settings %s\n", command, settings)
	}
}

// endedByHand makes Ctrl-C and the end of the time no errors.
func endedByHand(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// showFirst shows the progress of the first sync.
func (s *stage) showFirst(ctx context.Context, p *locale.Printer) error {
	begin := time.Now()
	err := storytest.Until(ctx, "first sync", firstSyncWithin, func() bool {
		st := s.status()
		if st.Phase != "" {
			fmt.Printf("\r\033[K  %s %s", bar(st), p.Phase(st))
		}
		return !st.LastEnd.IsZero() && st.Ways[0].Outcome == engine.Success
	})
	fmt.Printf("\r\033[K  %.1f s\n", time.Since(begin).Seconds())
	return err
}

func bar(st engine.Status) string {
	const width = 24
	done := 0
	if st.Total > 0 {
		done = min(width, width*st.Done/st.Total)
	}
	return "[" + strings.Repeat("#", done) + strings.Repeat("·", width-done) + "]"
}

var cities = []string{"Rimouski", "Trois-Rivières", "Sept-Îles", "Amos", "Québec", "Gaspé", "Saint-Jérôme", "Alma"}

// showEdits makes edits on either side in turn until the end, and shows each arriving on the other.
func (s *stage) showEdits(ctx context.Context, p *locale.Printer) error {
	customers, err := s.company.customers()
	if err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for n := 0; ctx.Err() == nil; n++ {
		customer, city := customers[r.IntN(len(customers))], cities[r.IntN(len(cities))]
		if was := s.cityInCRM(customer); was == "" || was == city {
			continue
		}
		if n%2 == 0 {
			err = s.editERP(ctx, p, customer, city)
		} else {
			err = s.editCRM(ctx, p, customer, city)
		}
		if err != nil {
			return endedByHand(ctx, err)
		}
		_ = storytest.Until(ctx, "pause", 2*time.Second, func() bool { return false })
	}
	return nil
}

func (s *stage) editERP(ctx context.Context, p *locale.Printer, customer, city string) error {
	if err := s.company.setCity(customer, city); err != nil {
		return err
	}
	return s.watch(ctx, p, "demo.erp-edit", customer, city, func() bool { return s.cityInCRM(customer) == city })
}

func (s *stage) editCRM(ctx context.Context, p *locale.Printer, customer, city string) error {
	if err := s.setCityInCRM(customer, city); err != nil {
		return err
	}
	return s.watch(ctx, p, "demo.crm-edit", customer, city, func() bool {
		shown, err := s.company.city(customer)
		return err == nil && shown == city
	})
}

// watch waits for an edit to arrive and says how long it took.
func (s *stage) watch(ctx context.Context, p *locale.Printer, key, customer, city string, arrived func() bool) error {
	begin := time.Now()
	if err := storytest.Until(ctx, "edit", editWithin, arrived); err != nil {
		return err
	}
	fmt.Println(p.Text(key, map[string]string{"customer": customer, "city": city, "erp": s.company.name(), "seconds": fmt.Sprintf("%.1f", time.Since(begin).Seconds())}))
	return nil
}
