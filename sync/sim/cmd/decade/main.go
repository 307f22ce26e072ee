// Command decade lets ten years pass over one box, every six minutes a pass. Its last line counts what happened; it
// ends with status 1 if an oracle found something wrong, if people were asked what they need not be, or if the
// databases or the memory grow for ever.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"

	"syncbox/sync/sim/decade"
	"syncbox/sync/store"
)

func main() {
	p := decade.Plan{From: time.Date(2026, 1, 1, 0, 0, 0, 0, decade.Site())}
	flag.Uint64Var(&p.Seed, "seed", 1, "of everything that is left to chance")
	flag.IntVar(&p.Days, "days", 3653, "how long")
	flag.IntVar(&p.Customers, "customers", 200, "on the first day")
	flag.IntVar(&p.Restore, "restore", 1300, "the day on which the ERP is restored from last night's backup; 0 = never")
	flag.IntVar(&p.Outage, "outage", 2200, "the day on which the network goes for a month; 0 = never")
	flag.BoolVar(&p.Trace, "trace", false, "if an oracle fails, tell the month in which it does")
	verbose := flag.Bool("v", false, "tell every month and every word of a person")
	dir := flag.String("dir", shm(), "folder for the databases")
	flag.Parse()
	if *verbose {
		p.Log = func(line string) { fmt.Println(line) }
	}
	os.Exit(run(p, *dir))
}

// shm gives a folder in memory where there is one, to spare the disk.
func shm() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

func run(p decade.Plan, dir string) int {
	var err error
	if p.Dir, err = os.MkdirTemp(dir, "decade"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	defer os.RemoveAll(p.Dir)
	r := decade.Run(p)
	fmt.Print(r.History)
	wrong := r.Wrong()
	for _, line := range wrong {
		fmt.Println(line)
	}
	fmt.Printf("months judged: %d; asked by design: %d word after %d restored backup\n", len(r.Months), min(r.Human[store.Held], r.Restores), r.Restores)
	fmt.Println(r)
	if len(wrong) > 0 {
		return 1
	}
	return 0
}
