package fetch

import (
	"context"
	"errors"
	"io"
	"sync"
)

// Mirrors are several sources of the same files, in the order in which they are preferred. The one that has given
// something is asked first the next time, until it fails or is blamed; after the last comes the first again.
//
// It suits targets, whose hashes are known. Signed metadata are better taken from one source after the other, as
// trust.Anchor.RefreshAny does with Sources: mirrors may be of different age.
type Mirrors struct {
	sources []Source

	mu sync.Mutex // guards at
	at int        // index of the source that is asked first
}

var _ Source = (*Mirrors)(nil)

// NewMirrors makes one Source out of several, of which there must be one at least.
func NewMirrors(first Source, more ...Source) *Mirrors {
	return &Mirrors{sources: append([]Source{first}, more...)}
}

// Sources gives each of them, for those who want to ask all.
func (m *Mirrors) Sources() []Source { return append([]Source(nil), m.sources...) }

// Get gives a whole small file from the first source that has it. A file that only some sources lack, while the others
// fail, counts as missing.
func (m *Mirrors) Get(ctx context.Context, name string, max int64) (b []byte, err error) {
	err = m.try(ctx, func(s Source, _ int) (err error) {
		b, err = s.Get(ctx, name, max)
		return err
	})
	return b, err
}

// Open gives a stretch from the first source that begins to send it. After an error of its reader the next Open asks
// another source first.
func (m *Mirrors) Open(ctx context.Context, name string, offset, length int64) (r io.ReadCloser, err error) {
	err = m.try(ctx, func(s Source, i int) error {
		in, err := s.Open(ctx, name, offset, length)
		if err == nil {
			r = &mirrored{in, m, i, ctx}
		}
		return err
	})
	return r, err
}

// Blame says that what the last source gave was wrong: another one is asked first from now on.
func (m *Mirrors) Blame() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = (m.at + 1) % len(m.sources)
}

// try asks each source once.
func (m *Mirrors) try(ctx context.Context, ask func(s Source, i int) error) error {
	var first, missing error
	start := m.preferred()
	for n := range m.sources {
		i := (start + n) % len(m.sources)
		err := ask(m.sources[i], i)
		switch {
		case err == nil:
			m.prefer(i)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(err, ErrNotFound):
			missing = err
		case first == nil:
			first = err
		}
	}
	if missing != nil {
		return missing
	}
	return first
}

func (m *Mirrors) preferred() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.at
}

func (m *Mirrors) prefer(i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.at = i
}

// leave prefers the next source, if i is the preferred one still.
func (m *Mirrors) leave(i int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.at == i {
		m.at = (i + 1) % len(m.sources)
	}
}

// mirrored is a stretch from the source i.
type mirrored struct {
	io.ReadCloser
	mirrors *Mirrors
	i       int
	ctx     context.Context
}

func (r *mirrored) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if err != nil && err != io.EOF && r.ctx.Err() == nil {
		r.mirrors.leave(r.i)
	}
	return n, err
}
