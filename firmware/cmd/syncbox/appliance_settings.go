package main

import (
	"sync"

	"syncbox/firmware/internal/config"
)

// remembered are the settings of the machine itself as they were read last: the light asks twice a second whether support is set,
// and must not wait for a card that hangs. They change by config.Writer alone, which tells.
type remembered struct {
	path string

	reading sync.Mutex // held while they are read, so that the newest are kept

	mu  sync.Mutex // protects set
	set config.Machine
}

// own are those of this box.
var own = remembered{path: applianceConfig}

// settings gives those of this box.
func settings() config.Machine { return own.now() }

// read reads them anew. With an error, what is right in the file counts, as config.LoadMachine has it.
func (r *remembered) read() error {
	r.reading.Lock()
	defer r.reading.Unlock()
	set, err := config.LoadMachine(r.path)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.set = set
	return err
}

func (r *remembered) now() config.Machine {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.set
}
