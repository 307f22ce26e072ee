package cuts

import (
	"fmt"
	"math/rand/v2"
	"os"
	"sync"
)

// NewWorld makes a tale's world from a seed; dir is a folder of its own, best in memory.
func NewWorld(t Tale, seed uint64, dir string) (*World, error) {
	rng := rand.New(rand.NewPCG(seed, 0x0c07))
	older, now, next := t.systems(seed)
	p, err := published(fmt.Sprint(t.Size, t.Shared, seed), func() (*Published, error) {
		made, err := os.MkdirTemp(dir, "published")
		if err != nil {
			return nil, err
		}
		defer os.RemoveAll(made)
		return publish(made, rng, older, now, next, trial)
	})
	if err != nil {
		return nil, err
	}
	w := &World{Tale: t, Dir: dir, Published: p}
	w.Start, w.Judge = t.disk(rand.New(rand.NewPCG(seed, 0xd15c)), older, now, next)
	return w, nil
}

// library keeps what was published: many tales are told of the same systems.
var library struct {
	sync.Mutex
	shelf map[string]*Published
}

// published gives a copy of what stands under a name.
func published(name string, publish func() (*Published, error)) (*Published, error) {
	library.Lock()
	defer library.Unlock()
	p, ok := library.shelf[name]
	if !ok {
		var err error
		if p, err = publish(); err != nil {
			return nil, err
		}
		if library.shelf == nil || len(library.shelf) > 16 {
			library.shelf = map[string]*Published{}
		}
		library.shelf[name] = p
	}
	c := *p
	return &c, nil
}
