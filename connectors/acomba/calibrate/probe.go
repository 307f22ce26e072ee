package calibrate

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"

	"syncbox/connectors/acomba/layout"
)

// maxProbed is how many cards of a file a draft is tried on: all up to here, then every n-th.
const maxProbed = 250_000

var allFields = slices.Concat(slices.Collect(maps.Values(catalogue))...)

func keysOf[V any](m map[int64]V) iter.Seq[int64] { return maps.Keys(m) }

// known gives, by table, the keys of examples: their cards are looked at in any case.
func (v *View) known(tables []Found) map[string]string {
	all := map[string]string{}
	for _, f := range tables {
		all[string(f.Table)] = v.sample(f.Table)
	}
	return all
}

// probe runs all probes of a layout on files, in full.
func probe(ctx context.Context, l *layout.Layout, files []*file, known map[string]string, progress Progress) ([]layout.ProbeResult, error) {
	if l.Encoding == layout.Auto {
		vote := &layout.Vote{}
		if f := l.File(string(Customers)); f != nil {
			err := feed(ctx, f, files, "", nil, func(_ int32, raw []byte) { vote.AddCard(f, raw) })
			if err != nil {
				return nil, err
			}
		}
		l = l.Resolve(vote)
	}
	run := layout.NewProbeRun(l, true)
	for _, f := range l.Files() {
		if from := fileOf(files, f.Path); from != nil {
			run.Begin(f.Name, from.Size)
		}
	}
	for _, f := range l.Files() {
		err := feed(ctx, f, files, known[f.Name], progress, func(position int32, raw []byte) { run.Feed(f.Name, position, raw) })
		if err != nil {
			return nil, err
		}
	}
	return run.Result(), nil
}

func fileOf(files []*file, path string) *file {
	i := slices.IndexFunc(files, func(f *file) bool { return f.Path == path })
	if i < 0 {
		return nil
	}
	return files[i]
}

// feed hands the cards of a file to visit: every n-th of a long one, and those whose key is the known one.
func feed(ctx context.Context, f *layout.File, files []*file, known string, progress Progress, visit func(int32, []byte)) error {
	from := fileOf(files, f.Path)
	if from == nil {
		return nil
	}
	cards, _ := f.Count(from.Size)
	every := cards/maxProbed + 1
	position := f.FirstCard
	key := ""
	for _, s := range f.Fields() {
		if s.Key {
			key = s.Name
		}
	}
	err := from.walk(ctx, f.CardSize, func(off int64, b []byte) error {
		for position-f.FirstCard < cards {
			at := f.Offset(position) - off
			if at < 0 || at+int64(f.CardSize) > int64(len(b)) {
				break
			}
			raw := b[at : at+int64(f.CardSize)]
			if position%every == 0 || key != "" && holds(f, position, raw, key, known) {
				visit(position, raw)
			}
			position++
		}
		tell(progress, f.Path, off+int64(len(b)), from.Size)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read %s: %w", f.Path, err)
	}
	return nil
}

func holds(f *layout.File, position int32, raw []byte, key, known string) bool {
	if known == "" {
		return false
	}
	c, err := f.Decode(position, raw)
	return err == nil && c.Format(key) == known
}
