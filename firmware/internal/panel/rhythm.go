package panel

import (
	"slices"
	"time"

	"syncbox/board"
	"syncbox/firmware/internal/health"
)

// rhythm is how a light looks: lit, dark, lit, dark …, over and over. One beat alone is lit without end, none is dark.
// Somebody who sees no colour must be able to tell all rhythms apart, and nothing flashes faster than 2.8 times a
// second, for those whom flashing makes ill. Beats that mean different things differ by more than a busy processor may
// be late.
type rhythm struct {
	colour board.Colour
	beats  []time.Duration
}

const ms = time.Millisecond

// rhythms are all there are. IEC 60073: slow flashing is 0.4 to 0.8 Hz, normal flashing 1.4 to 2.8 Hz.
var rhythms = map[health.Light]rhythm{
	health.Off:              {board.Dark, nil},
	health.Ready:            {board.White, beats(1000)},
	health.Syncing:          {board.White, beats(1800, 200)}, // a dip every 2 s
	health.NoLink:           {board.Amber, blinks(1)},
	health.NoCloud:          {board.Amber, blinks(2)},
	health.ShareUnreachable: {board.Amber, blinks(3)},
	health.CRMRefuses:       {board.Amber, blinks(4)},
	health.Untrusted:        {board.Amber, blinks(5)},
	health.RolledBack:       {board.Amber, blinks(6)},
	health.Stopped:          {board.Amber, beats(900, 300, 900, 2000)},           // long, long, pause
	health.WaitsForPerson:   {board.Amber, beats(900, 300, 300, 300, 300, 2000)}, // long, short, short, pause
	health.SetUp:            {board.Blue, beats(80, 300, 80, 1540)},              // two flashes every 2 s
	health.Booting:          {board.White, beats(1000, 1000)},                    // 0.5 Hz
	health.Trying:           {board.Blue, beats(900, 300, 300, 700)},             // long-short, long-short
	health.Updating:         {board.Blue, beats(250, 250)},                       // 2 Hz
	health.Identify:         {board.White, slices.Concat(fast, beats(1000, 1000), fast)},
	health.HardwareFault:    {board.Red, slices.Concat(beats(250, 200, 250, 200, 250, 600), longs, beats(250, 200, 250, 200, 250, 1500))},
}

var (
	fast  = slices.Repeat(beats(240, 160), 5)
	longs = beats(600, 250, 600, 250, 600, 600) // between the short ones of SOS
)

func beats(millis ...int) []time.Duration {
	var all []time.Duration
	for _, m := range millis {
		all = append(all, time.Duration(m)*ms)
	}
	return all
}

// blinks are n blinks that can be counted, and a pause.
func blinks(n int) []time.Duration {
	all := slices.Repeat(beats(300, 300), n)
	all[len(all)-1] = 2 * time.Second
	return all
}

// Rhythm gives the colour of a light and how it beats: lit, dark, lit, dark …, over and over. One beat alone is lit
// without end, none is dark.
func Rhythm(l health.Light) (board.Colour, []time.Duration) {
	r := rhythms[l]
	return r.colour, slices.Clone(r.beats)
}

// round is how long it takes until the rhythm begins anew; 0 where it never changes.
func (r rhythm) round() (sum time.Duration) {
	if len(r.beats) < 2 {
		return 0
	}
	for _, b := range r.beats {
		sum += b
	}
	return sum
}

// at gives what is shown some time after the beginning, and for how much longer; 0 = for ever.
func (r rhythm) at(since time.Duration) (c board.Colour, left time.Duration) {
	round := r.round()
	if round == 0 { // one beat, or none: then the colour is dark
		return r.colour, 0
	}
	since %= round
	for i, b := range r.beats {
		if since < b {
			if i%2 == 0 {
				c = r.colour
			}
			return c, b - since
		}
		since -= b
	}
	panic("panel: a rhythm longer than its round")
}

// What the light shows of a press, over everything else. Nothing at first, so that the blinks can be counted.
var (
	held = rhythm{}
	// armed asks for the second press: four blinks in a hurry, as counted a moment ago, again and again.
	armed = rhythm{board.Red, beats(200, 200, 200, 200, 200, 200, 200, 600)}
)

// counted is the number of a stage, once; then it is dark until the next.
func counted(stage int) rhythm {
	all := slices.Repeat(beats(200, 250), stage)
	all[len(all)-1] = time.Hour
	return rhythm{board.White, all}
}
