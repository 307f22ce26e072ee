// Command sim tries the engine in drawn worlds: people edit on both sides, products fail, the power is cut. Its last line
// counts what was tried; it ends with status 1 if an oracle found something wrong.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"time"

	"syncbox/sync/sim"
)

// shrunk is how many failing worlds are made small and told step by step.
const shrunk = 3

// most is how many failures are printed before the rest is only counted.
const most = 50

func main() {
	c := sim.Campaign{First: 1, Twice: 0.01, Dir: shm()}
	flag.Uint64Var(&c.First, "first", c.First, "first seed")
	flag.IntVar(&c.Seeds, "seeds", 1000, "random worlds")
	flag.IntVar(&c.Singles, "single", 0, "worlds in which the power is cut once at every point")
	flag.IntVar(&c.Double, "double", 0, "small worlds in which it is cut at every point, and again at every point of the recovery")
	flag.Float64Var(&c.Bolt, "bolt", 0.01, "share of random worlds with real databases")
	flag.IntVar(&c.Workers, "workers", runtime.GOMAXPROCS(0), "worlds at a time")
	flag.BoolVar(&c.Cloud, "cloud", false, "only worlds whose ERP is in the cloud, one seed in eleven")
	flag.BoolVar(&c.Mailbox, "mailbox", false, "only worlds in which deletions travel: seeds of their own, from 1<<30 on")
	flag.BoolVar(&c.HandsOver, "handover", false, "only worlds in which records of the CRM are born in the ERP once somebody asks for them: seeds of their own, from 3<<28 on")
	stopAfter := flag.Int("stop", 0, "stop after so many failures; 0 = go on")
	seed := flag.Uint64("seed", 0, "tell the history of this world")
	mode := flag.String("mode", "random", "how its power fails: as a failure tells it, single@3.12")
	small := flag.Bool("shrink", false, "with -seed: leave out what its failure does not need")
	without := flag.String("without", "", "deeds that do not happen, by their names, with commas")
	profile := flag.String("cpuprofile", "", "write a profile of the processor to this file")
	flag.Parse()
	debug.SetGCPercent(-1) // worlds are small and short-lived: collect seldom, but where memory is still in the caches
	debug.SetMemoryLimit(100 << 20)
	if *profile != "" {
		f, err := os.Create(*profile)
		if err == nil {
			err = pprof.StartCPUProfile(f)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		defer pprof.StopCPUProfile()
	}
	if err := c.Leave(*without); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if *seed != 0 {
		replay(&c, *seed, *mode, *small)
		return
	}
	if run(&c, *stopAfter) > 0 {
		pprof.StopCPUProfile()
		os.Exit(1)
	}
}

// shm gives a folder for real databases, in memory where there is one.
func shm() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return os.TempDir()
}

// run tries all worlds and prints what was found; it gives the number of failures.
func run(c *sim.Campaign, stopAfter int) int {
	n := 0
	from := time.Now()
	c.Found = func(f sim.Finding) bool {
		if n++; n <= most {
			fmt.Printf("seed=%d mode=%s oracle=%s : %s\n", f.Seed, f.Name(), f.Oracle, f.Text)
		}
		if n <= shrunk {
			tell(shrink(f.Spec, f.Oracle))
		}
		return stopAfter == 0 || n < stopAfter
	}
	t := c.Run()
	fmt.Printf("worlds=%d points=%d crashes=%d failures=%d worlds_per_s=%.0f\n", t.Runs, t.Points, t.Crashes, n, float64(t.Runs)/time.Since(from).Seconds())
	return n
}

// shrink makes a failing world small and says how far that went.
func shrink(s sim.Spec, oracle string) sim.Spec {
	small, tries := sim.Shrink(s, oracle)
	if tries == sim.MostTries {
		fmt.Printf("  shrunk as far as %d tries went:\n", tries)
	} else {
		fmt.Printf("  shrunk in %d tries:\n", tries)
	}
	return small
}

// tell prints a world's shape, script and history.
func tell(s sim.Spec) {
	s.Trace = true
	fmt.Printf("  %+v\n", *s.Shape)
	for _, step := range s.Script {
		fmt.Println("  ", step)
	}
	o := sim.Run(s)
	fmt.Print(o.Trace)
}

// replay tells the history of one world.
func replay(c *sim.Campaign, seed uint64, mode string, small bool) {
	s, err := c.Again(seed, mode)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	if small {
		if o := sim.Run(s); len(o.Failures) > 0 {
			s = shrink(s, o.Failures[0].Oracle)
		}
	}
	tell(s)
	o := sim.Run(s)
	for _, f := range o.Failures {
		fmt.Printf("seed=%d mode=%s oracle=%s : %s\n", seed, mode, f.Oracle, f.Text)
	}
	if len(o.Failures) > 0 {
		os.Exit(1)
	}
}
