package cuts

import (
	"math/rand/v2"
	"os"
)

// NewWorld makes a tale's world from a seed; dir is a folder of its own, best in memory.
func NewWorld(t Tale, seed uint64, dir string) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 0x0c07))
	older, now, next := t.systems(seed)
	made, err := os.MkdirTemp(dir, "published")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(made)
	w := &World{Tale: t, Dir: dir}
	if w.Published, err = publish(made, rng, older, now, next, trial); err != nil {
		return nil, err
	}
	w.Start, w.Judge = t.disk(rng, older, now, next)
	return w, nil
}
