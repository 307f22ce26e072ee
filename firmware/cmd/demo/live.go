package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"syncbox/firmware/internal/locale"
	"syncbox/firmware/internal/storytest"
	"syncbox/sync/engine"
)

// live shows the first sync with its progress, then edits on both sides that one can watch arrive.
func (s *stage) live(ctx context.Context) error {
	p, err := locale.New(s.language, time.Local)
	if err != nil {
		return err
	}
	p = p.Of(s.app.Jobs[0].Names())
	if s.length > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.length)
		defer cancel()
	}
	fmt.Println(p.Text(s.story.intro()))
	fmt.Println(p.Text("demo.ask", map[string]string{"dir": s.dir}))
	fmt.Println(p.Text("demo.page", map[string]string{"url": s.page.url(), "code": s.page.code}))
	s.showSupport(p)
	if err := s.showFirst(ctx, p); err != nil {
		return endedByHand(ctx, err)
	}
	for i, st := range s.statuses() {
		p.Status(os.Stdout, s.app.Jobs[i].Name(), st, "")
	}
	fmt.Println(p.Text(s.story.first()))
	return endedByHand(ctx, s.story.work(ctx, s, p))
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
	if err := s.look(ctx); err != nil {
		return err
	}
	err := storytest.Until(ctx, "first sync", firstSyncWithin, func() bool {
		for _, st := range s.statuses() {
			if st.Phase != "" {
				fmt.Printf("\r\033[K  %s %s", bar(st), p.Phase(st))
				break
			}
		}
		return s.synced(1)
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

// watch waits for an edit to arrive and says how long it took.
func watch(ctx context.Context, p *locale.Printer, key string, args map[string]string, arrived func() bool) error {
	begin := time.Now()
	if err := storytest.Until(ctx, "edit", editWithin, arrived); err != nil {
		return err
	}
	args["seconds"] = fmt.Sprintf("%.1f", time.Since(begin).Seconds())
	fmt.Println(p.Text(key, args))
	return nil
}

// pause lets a person read.
func pause(ctx context.Context) {
	_ = storytest.Until(ctx, "pause", 2*time.Second, func() bool { return false })
}
