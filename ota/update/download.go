package update

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"syncbox/ota/bundle"
	"syncbox/ota/delta"
	"syncbox/ota/slot"
	"syncbox/ota/trust"
)

// How a frame is fetched where something is in the way.
const (
	mostAttempts = 6        // without getting any further
	further      = 64 << 10 // bytes
	firstPause   = time.Second
	longestPause = 30 * time.Second
)

// list gives a payload's window list, from the first source that has it.
func (u *Updater) list(ctx context.Context, p trust.Payload) (bundle.List, error) {
	var errs []error
	for _, src := range u.c.Sources() {
		b, err := src.Files.Get(ctx, p.List.Path, p.List.Bytes)
		if err == nil && (int64(len(b)) != p.List.Bytes || bundle.Digest(sha256.Sum256(b)) != p.List.SHA256) {
			err = fail(BadPayload, "%s from %s: not what was signed", p.List.Name, src.Name)
		}
		var l bundle.List
		if err == nil {
			if l, err = bundle.ParseList(b, p.To.Bytes); err != nil {
				err = &Error{Code: BadPayload, Err: err}
			} else if l.Bytes() != p.File.Bytes {
				err = fail(BadPayload, "%s: frames of %d bytes, the payload has %d", p.List.Name, l.Bytes(), p.File.Bytes)
			}
		}
		if err == nil {
			return l, nil
		}
		errs = append(errs, err)
	}
	if len(errs) == 0 {
		return bundle.List{}, fail(NoSource, "no server and no stick to ask for %s", p.List.Name)
	}
	return bundle.List{}, errors.Join(errs...)
}

// making is the making of an image in a slot out of a payload.
type making struct {
	payload trust.Payload
	list    bundle.List
	present []bool // windows that are on the slot
	old     slot.Device
	to      *slot.Writer
	from    *stream
	decoder delta.Decoder
	told    func(done int)
}

// run writes the windows that are not there, and syncs.
func (m *making) run(ctx context.Context) error {
	frame := make([]byte, m.list.LongestFrame())
	window, at := 0, int64(0)
	for _, f := range m.list.Frames {
		if m.wanted(window, f) {
			m.from.end = m.endOfRun(window, at)
			b := frame[:f.Bytes]
			if err := m.from.frame(ctx, at, f, b); err != nil {
				return err
			}
			if err := m.decode(b, window, f.Windows); err != nil {
				return err
			}
		}
		window, at = window+f.Windows, at+int64(f.Bytes)
	}
	if err := m.to.Sync(); err != nil {
		return &Error{Code: SlotFault, Err: err}
	}
	return nil
}

// wanted says whether a frame makes a window that is not there.
func (m *making) wanted(window int, f bundle.Frame) bool {
	for _, there := range m.present[window : window+f.Windows] {
		if !there {
			return true
		}
	}
	return false
}

// endOfRun gives where the frames end that are wanted one after the other: they are asked for at once.
func (m *making) endOfRun(window int, at int64) int64 {
	w, end := 0, int64(0)
	for _, f := range m.list.Frames {
		if w >= window && !m.wanted(w, f) {
			break
		}
		w, end = w+f.Windows, end+int64(f.Bytes)
	}
	return max(end, at)
}

func (m *making) decode(frame []byte, first, n int) error {
	var fault error
	i := first
	err := m.decoder.Decode(m.payload.Format, frame, m.old, m.oldSize(), bundle.WindowSizes(m.payload.To.Bytes, first, n), func(w []byte) error {
		if bundle.Digest(sha256.Sum256(w)) != m.list.Windows[i] {
			return fail(BadPayload, "%s: window %d is not the signed one", m.payload.File.Name, i)
		}
		if !m.present[i] {
			if err := m.to.Write(i, w); err != nil {
				fault = &Error{Code: SlotFault, Err: err}
				return fault
			}
			m.present[i] = true
		}
		i++
		m.told(i)
		return nil
	})
	var own *Error
	switch {
	case fault != nil:
		return fault
	case err == nil || errors.As(err, &own):
		return err
	}
	return fail(BadPayload, "%s: %w", m.payload.File.Name, err)
}

func (m *making) oldSize() int64 {
	if m.payload.From == nil {
		return 0
	}
	return m.payload.From.Bytes
}

// stream gives the frames of a payload, from source after source, and goes on where it stood.
type stream struct {
	sources []Source
	file    trust.File
	end     int64 // of what is asked for at once

	source int
	r      io.ReadCloser
	at     int64 // of r
}

// frame reads a frame that begins at a place, and checks it.
func (s *stream) frame(ctx context.Context, at int64, f bundle.Frame, b []byte) error {
	if len(s.sources) == 0 {
		return fail(NoSource, "no server and no stick to ask for %s", s.file.Name)
	}
	wait, whole := firstPause, false
	for got, kept, attempt := 0, 0, 1; ; attempt++ {
		n, err := s.read(ctx, at+int64(got), b[got:])
		got += n
		if err == nil {
			if bundle.Digest(sha256.Sum256(b)) == f.SHA256 {
				return nil
			}
			err = fail(BadPayload, "%s at %d from %s: not what was signed", s.file.Name, at, s.sources[s.source].Name)
			got, kept, whole = 0, 0, true
		} else if whole {
			got, kept = 0, 0 // parts of several sources did not fit together: from now on all of it from one
		} else if got >= kept+further {
			kept, attempt, wait = got, 0, firstPause
		}
		s.close()
		s.source = (s.source + 1) % len(s.sources)
		if attempt >= max(mostAttempts, len(s.sources)) || ctx.Err() != nil || !pause(ctx, wait) {
			return errors.Join(ctx.Err(), err)
		}
		wait = min(2*wait, longestPause)
	}
}

// read fills b from a place on.
func (s *stream) read(ctx context.Context, at int64, b []byte) (int, error) {
	if s.r != nil && s.at != at {
		s.close()
	}
	if s.r == nil {
		r, err := s.sources[s.source].Files.Open(ctx, s.file.Path, at, max(s.end, at+int64(len(b)))-at)
		if err != nil {
			return 0, err
		}
		s.r, s.at = r, at
	}
	n, err := io.ReadFull(s.r, b)
	s.at += int64(n)
	return n, err
}

func (s *stream) close() {
	if s.r != nil {
		s.r.Close()
		s.r = nil
	}
}
