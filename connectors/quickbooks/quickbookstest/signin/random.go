package signin

import (
	"math/rand/v2"
	"sync"
)

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// source makes strings that look like the real ones. It is no source of secrets.
type source struct {
	mu   sync.Mutex // guards rand
	rand *rand.Rand
}

func newSource(seed, stream uint64) *source {
	return &source{rand: rand.New(rand.NewPCG(seed, stream))}
}

// text gives prefix and n random letters.
func (s *source) text(prefix string, n int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := []byte(prefix)
	for range n {
		b = append(b, letters[s.rand.IntN(len(letters))])
	}
	return string(b)
}
