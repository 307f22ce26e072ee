// Command sim tries the engine in drawn worlds.
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"time"

	"syncbox/sync/sim"
)

func main() {
	seeds := flag.Int("seeds", 100, "")
	seed := flag.Uint64("seed", 0, "")
	crashes := flag.Bool("crashes", true, "")
	prof := flag.String("prof", "", "")
	flag.Parse()
	if *prof != "" {
		f, _ := os.Create(*prof)
		_ = pprof.StartCPUProfile(f)
		defer pprof.StopCPUProfile()
	}
	if *seed > 0 {
		s := sim.Draw(*seed, *crashes)
		s.Trace = true
		fmt.Printf("%+v\n", *s.Shape)
		for _, st := range s.Script {
			fmt.Println("  ", st)
		}
		o := sim.Run(s)
		fmt.Print(o.Trace)
		for _, f := range o.Failures {
			fmt.Println("FAIL", f)
		}
		return
	}
	from := time.Now()
	by := map[string]int{}
	passes, points, crashed := 0, 0, 0
	for n := range *seeds {
		o := sim.Run(sim.Draw(uint64(n+1), *crashes))
		passes += len(o.Points)
		for _, p := range o.Points {
			points += p
		}
		crashed += o.Crashes
		if len(o.Failures) > 0 {
			by[o.Failures[0].Oracle]++
			if by[o.Failures[0].Oracle] <= 6 {
				t := o.Failures[0].Text
				if len(t) > 1500 {
					t = t[:1500]
				}
				fmt.Println(n+1, o.Failures[0].Oracle, t)
			}
		}
	}
	fmt.Println(by, "passes", passes, "points", points, "crashes", crashed, "worlds/s", float64(*seeds)/time.Since(from).Seconds())
}
