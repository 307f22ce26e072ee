package support_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"syncbox/firmware/internal/support"
	"syncbox/sync/sim/memory"
	"syncbox/sync/store"
)

// hanging is a memory whose card takes no write until it is let go.
type hanging struct {
	memory.KV
	mu      sync.Mutex    // protects nothing but the simulated memory
	begun   chan struct{} // gets one for each write that hangs; nil for none that does
	release chan struct{}
}

func (h *hanging) View(fn func(store.Tx) error) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.KV.View(fn)
}

func (h *hanging) Update(fn func(store.Tx) error) error {
	if h.begun != nil {
		h.begun <- struct{}{}
		<-h.release
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.KV.Update(fn)
}

// TestLightDoesNotWait: while the card takes no write, whoever shows how the box is hears so all the same.
func TestLightDoesNotWait(t *testing.T) {
	for name, write := range map[string]func(s *support.Store) error{
		"a session":  func(s *support.Store) error { _, err := s.NextSession(); return err },
		"a document": func(s *support.Store) error { return s.SetStanding(support.Standing{Issued: start.Unix()}) },
		"an event":   func(s *support.Store) error { return s.Post(support.Message{Topic: "sb/v1/0001/evt/sync"}) },
	} {
		t.Run(name, func(t *testing.T) {
			w, h := newWorld(t), &hanging{}
			s, err := support.OpenStore(h)
			if err != nil {
				t.Fatal(err)
			}
			w.use(s)
			if err := s.SetStanding(support.Standing{Issued: start.AddDate(-1, 0, 0).Unix()}); err != nil {
				t.Fatal(err)
			}
			channel := support.New(support.Config{Box: "0001", Store: s, Desk: w.desk})
			h.begun, h.release = make(chan struct{}), make(chan struct{})
			kept := make(chan error, 1)
			go func() { kept <- write(s) }()
			<-h.begun
			shown := make(chan []string, 1)
			go func() { shown <- channel.Conditions() }()
			select {
			case got := <-shown:
				if !slices.Equal(got, []string{support.CodeFrozen}) {
					t.Errorf("shown %q", got)
				}
			case <-time.After(patience):
				t.Error("the light waits for the disk")
			}
			close(h.release)
			if err := <-kept; err != nil {
				t.Error(err)
			}
		})
	}
}
