package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"syncbox/firmware/internal/sitetest"
	"syncbox/image/disk"
	"syncbox/image/vm"
)

// benchMemory is that of the smallest board that the figures are for, in MiB.
const benchMemory = 256

// kernelStarts is what the boot loader says last.
const kernelStarts = "Starting kernel"

// stations are what a starting box says, in this order, and the names of the figures that tell when. The last one is what
// "ready" means: the light no longer says that the box starts, and its jobs run.
var stations = [][2]string{
	{"AB: slot a part 2", "boot_selector"},
	{kernelStarts, "boot_kernel"},
	{"process 1 starts", "boot_process1"},
	{"modules loaded", "boot_modules"},
	{"data partition mounted", "boot_data"},
	{"network up", "boot_network"},
	{"box starts", "boot_ready"},
}

// figures are what was measured, by name; one value for each start.
type figures map[string][]float64

func (f figures) add(name string, v float64) { f[name] = append(f[name], v) }

func (f figures) median(name string) float64 {
	all := slices.Sorted(slices.Values(f[name]))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// tell prints a figure: name, value, unit.
func tell(name string, value float64, places int, unit string) {
	fmt.Printf("appliance.%s %s %s\n", name, strconv.FormatFloat(value, 'f', places, 64), unit)
}

// bench measures the box beside the bare kernel, in one run, and the memory of a box that brings a large company across.
func bench(ctx context.Context, image string, boots, customers int) error {
	if boots < 1 {
		return errors.New("at least one start is needed")
	}
	dir, err := os.MkdirTemp("", "syncbox-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	info, err := os.Stat(image)
	if err != nil {
		return err
	}
	tell("image_size", float64(info.Size()), 0, "B")
	tell("slot_size", float64(disk.SlotSize), 0, "B")
	b, err := newBare(ctx, image, dir)
	if err != nil {
		return err
	}
	f := figures{}
	sites := []sitetest.Options{{}, {Customers: customers}}
	if customers == 0 {
		sites = sites[:1]
	}
	for _, o := range sites {
		o.Interval = time.Hour
		err := atSite(ctx, filepath.Join(dir, fmt.Sprint("site", o.Customers)), o, func(s *sitetest.Site) error {
			card := func(to string) error { return s.Card(ctx, image, to) }
			if o.Customers != 0 {
				return f.memory(ctx, s, "sync", filepath.Join(dir, "large.img"), card)
			}
			if err := f.starts(ctx, b, boots, filepath.Join(dir, "card.img"), card); err != nil {
				return err
			}
			return f.memory(ctx, s, "rest", filepath.Join(dir, "small.img"), card)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// atSite has a site while do runs.
func atSite(ctx context.Context, dir string, o sitetest.Options, do func(*sitetest.Site) error) error {
	s, err := sitetest.Open(ctx, dir, o)
	if err != nil {
		return err
	}
	return errors.Join(do(s), s.Close())
}

// starts starts the bare kernel, without and with the boot loader, and the box, in turn, and tells the medians.
func (f figures) starts(ctx context.Context, b bare, boots int, card string, newCard func(string) error) error {
	for range boots {
		for _, start := range []func() error{
			func() error { return f.direct(ctx, b) },
			func() error {
				return f.selected(ctx, b.card, [][2]string{{kernelStarts, "boot_bare_kernel"}, {bareThere, "boot_bare"}})
			},
			func() error { return newCard(card) },
			func() error { return f.selected(ctx, card, stations) },
		} {
			if err := start(); err != nil {
				return err
			}
		}
	}
	for _, name := range []string{"boot_bare_direct", "boot_bare_kernel", "boot_bare"} {
		tell(name, f.median(name), 2, "s")
	}
	for _, s := range stations {
		tell(s[1], f.median(s[1]), 2, "s")
	}
	tell("boot_ready_over_bare", f.median("boot_ready")/f.median("boot_bare"), 2, "x")
	tell("boot_ready_over_bare_direct", f.median("boot_ready")/f.median("boot_bare_direct"), 2, "x")
	tell("boots", float64(boots), 0, "starts")
	return nil
}

// startWithin bounds one start.
const startWithin = 2 * time.Minute

// direct starts the bare kernel without the boot loader, and notes the memory that it uses.
func (f figures) direct(ctx context.Context, b bare) error {
	begin := time.Now()
	m, err := vm.Start(ctx, vm.Config{Kernel: b.kernel, Initrd: b.initrd, Memory: benchMemory})
	if err != nil {
		return err
	}
	defer m.Kill()
	return f.pass(ctx, m, begin, [][2]string{{bareThere, "boot_bare_direct"}})
}

// selected starts a card.
func (f figures) selected(ctx context.Context, card string, stations [][2]string) error {
	begin := time.Now()
	m, err := sitetest.Boot(ctx, card, vm.Config{Memory: benchMemory})
	if err != nil {
		return err
	}
	defer m.Unplug()
	if err := f.pass(ctx, m.Machine, begin, stations); err != nil || stations[len(stations)-1][0] != bareThere {
		return err
	}
	used, err := sitetest.ReadSample(ctx, m.Machine, 0, bareUsed)
	f.add("bare_used", used.Used())
	return err
}

// pass notes after how many seconds a machine says what.
func (f figures) pass(ctx context.Context, m *vm.Machine, begin time.Time, stations [][2]string) error {
	ctx, cancel := context.WithTimeout(ctx, startWithin)
	defer cancel()
	for _, s := range stations {
		if err := m.WaitFor(ctx, s[0]); err != nil {
			return err
		}
		f.add(s[1], time.Since(begin).Seconds())
	}
	return nil
}
