package stick

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"syncbox/firmware/internal/durable"
)

// memory is the file that remembers what was applied, by SHA-256. Content that was refused is not in it: it may fit
// another day.
type memory struct {
	Applied []string `json:"applied"` // the newest last
}

// most is how many are remembered.
const most = 32

// knows tells whether a content was applied before. A memory that can't be read knows nothing: applying a stick once
// more sets what it set before.
func (s *Setup) knows(digest string) bool {
	m, err := s.recall()
	if err != nil {
		s.Log.Warn("sticks applied before are forgotten", "err", err)
	}
	return slices.Contains(m.Applied, digest)
}

func (s *Setup) recall() (memory, error) {
	var m memory
	b, err := os.ReadFile(s.Memory)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err != nil {
		return memory{}, fmt.Errorf("read %s: %w", filepath.Base(s.Memory), err)
	}
	return m, nil
}

// remember makes it durable that a content was applied. A power cut before it has the content applied once more.
func (s *Setup) remember(digest string) error {
	m, _ := s.recall() // knows told of an error
	m.Applied = append(m.Applied, digest)
	m.Applied = m.Applied[max(0, len(m.Applied)-most):]
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // our own type
	}
	if err := durable.WriteFile(s.Memory, b, 0o600); err != nil {
		return fmt.Errorf("remember the stick: %w", err)
	}
	return nil
}
