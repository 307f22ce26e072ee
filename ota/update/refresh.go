package update

import (
	"context"
	"errors"
	"time"

	"syncbox/ota/floors"
	"syncbox/ota/trust"
)

// Check looks for what is published, and remembers it. Nothing is installed by it alone.
func (u *Updater) Check(ctx context.Context) error {
	_, err := u.refresh(ctx, "", func(Source) bool { return true })
	if ctx.Err() == nil {
		u.problem(err)
	}
	u.nudge()
	return err
}

// refresh follows the signed lists of the sources, one after the other, until one has all that is wanted: the payload of
// that name, or anything for "". What one of them gave is trusted and kept before the next is asked.
func (u *Updater) refresh(ctx context.Context, payload string, use func(Source) bool) (*trust.Targets, error) {
	u.refreshing.Lock()
	defer u.refreshing.Unlock()
	var got *trust.Targets
	errs := []error{fail(NoSource, "no server and no stick to ask")}
	for _, src := range u.c.Sources() {
		if !use(src) {
			continue
		}
		t, err := u.follow(ctx, src)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			u.c.Log.Warn("signed list not had", "source", src.Name, "code", CodeOf(err), "err", err)
			errs = append(errs, err)
			continue
		}
		got = t
		if _, ok := t.Payload(payload); ok || payload == "" {
			break
		}
	}
	if got == nil {
		return nil, errors.Join(errs[min(1, len(errs)-1):]...)
	}
	return got, nil
}

// follow asks one source.
func (u *Updater) follow(ctx context.Context, src Source) (*trust.Targets, error) {
	u.mu.Lock()
	st, low := u.store.state, u.low
	u.unlock()
	clock := u.c.Clock()
	next, t, err := u.c.Anchor.Refresh(ctx, src.Files, st, versions(low), clock)
	if kept := u.keep(next, err == nil, next.Time(u.c.Anchor.Built, clock)); kept != nil {
		return nil, errors.Join(err, kept)
	}
	if err != nil {
		return nil, err
	}
	u.mu.Lock()
	defer u.unlock()
	u.shown.Expires, u.shown.Available = t.TimestampExpires, u.newer(t)
	if remote(src) {
		u.reached = time.Now()
	}
	return t, nil
}

// reachedServer says whether a server was had of late.
func (u *Updater) reachedServer() bool {
	u.mu.Lock()
	defer u.unlock()
	return !u.reached.IsZero() && time.Since(u.reached) <= checkEvery
}

// keep makes a new trust state durable, then the floors. Wish is the updater's own: it may have changed meanwhile.
func (u *Updater) keep(next trust.State, checked bool, now time.Time) error {
	u.mu.Lock()
	defer u.unlock()
	next.Wish = u.store.state.Wish
	r := u.store.record.clone()
	if checked {
		r.Checked = now
	}
	if err := u.store.put(r, next); err != nil {
		return err
	}
	low := rise(u.low, next)
	low.Release = max(low.Release, r.Release)
	u.raise(low)
	return nil
}

// raise writes the floors. A disk that does not take them is told, and stops nothing: the record has them too.
func (u *Updater) raise(low floors.Values) {
	u.low = low
	if u.lowErr = floors.Write(u.c.Disk, low); u.lowErr != nil {
		u.lowErr = &Error{Code: FloorsLost, Err: u.lowErr}
		u.c.Log.Error("floors not kept", "err", u.lowErr)
	}
}

// rise gives the floors that follow from a trust state. What was seen of a role before a root took its keys away counts no
// more.
func rise(low floors.Values, st trust.State) floors.Values {
	up := func(low, now, since int64, root int64) int64 {
		if since > root {
			return now
		}
		return max(low, now)
	}
	return floors.Values{
		Root:      max(low.Root, st.Versions.Root),
		Timestamp: up(low.Timestamp, st.Versions.Timestamp, st.Since.Timestamp, low.Root),
		Snapshot:  up(low.Snapshot, st.Versions.Snapshot, st.Since.Snapshot, low.Root),
		Targets:   up(low.Targets, st.Versions.Targets, st.Since.Targets, low.Root),
		Release:   low.Release,
	}
}

func versions(v floors.Values) trust.Versions {
	return trust.Versions{Root: v.Root, Timestamp: v.Timestamp, Snapshot: v.Snapshot, Targets: v.Targets}
}

// newer gives the newest system, if it is newer than that which runs.
func (u *Updater) newer(t *trust.Targets) *Available {
	p, ok := t.Newest(u.c.Board)
	if !ok || p.Version.Compare(u.c.Version) <= 0 {
		return nil
	}
	return &Available{Version: p.Version, Notes: p.Notes}
}

// How often the signed lists are looked at, and how soon again where they could not be had.
const (
	checkEvery = 24 * time.Hour
	checkAgain = time.Hour
)

func notPublished(name string) error {
	return fail(NotPublished, "no payload %s in the signed list", name)
}
