package layout

import (
	"fmt"
	"hash/maphash"
)

// sampleSize is how many cards of a file a sample holds: all up to here, then every n-th.
const sampleSize = 2000

// Sampled tells whether a run that is not full looks at the ordinal-th (from 0) of total cards:
// all cards up to 2,000, then every n-th so that at most 2,000 are left.
func Sampled(ordinal, total int) bool {
	return total <= sampleSize || ordinal%((total+sampleSize-1)/sampleSize) == 0
}

// ProbeResult is the outcome of one probe. It holds no customer data.
type ProbeResult struct {
	File   string // empty for encoding
	Kind   string
	Field  string
	Ratio  float64 // 0 to 1; 1 where there was nothing to judge
	Pass   bool
	Detail string // English, counts only
	// Cards are positions to quarantine even when the probe passes: those that share a value
	// that should be unique.
	Cards []int32
}

// ProbeRun evaluates all probes of a layout over one pass of its files. Call Begin for every file
// present, then Feed for every card that could be read, whatever its status, in any order, then
// Result. A card that could not be read is not judged. One run is for one goroutine.
type ProbeRun struct {
	layout *Layout
	full   bool
	seed   maphash.Seed
	files  map[string]*fileRun
	vote   Vote
}

// fileRun is what a run knows about one file.
type fileRun struct {
	file    *File
	begun   bool
	size    int64
	cards   int // data cards in the file by its size
	checks  []check
	seen    bits            // positions fed; kept for files that others point to
	valid   bits            // of these, in use or deleted
	targets []*valueTarget  // fields that others point to by value
	sums    []*childrenPart // sums of other files that add up this file's cards
	isTgt   bool
}

// check is one probe at work.
type check interface {
	card(c *Card, sampled bool)
	result(r *ProbeRun) ProbeResult
}

// NewProbeRun begins a run. full looks at every card instead of the sample, as after an edit of
// the layout or a new version of the program. Resolve an auto layout first (see Vote).
func NewProbeRun(l *Layout, full bool) *ProbeRun {
	r := &ProbeRun{layout: l, full: full, seed: maphash.MakeSeed(), files: map[string]*fileRun{}}
	for _, f := range l.Files() {
		r.files[f.Name] = &fileRun{file: f}
	}
	for _, f := range l.Files() {
		r.wire(r.files[f.Name])
	}
	return r
}

// wire makes the checks of a file and tells the files they point to what to keep.
func (r *ProbeRun) wire(run *fileRun) {
	for _, p := range run.file.Probes {
		d := run.file.byName[p.Field]
		base := ratio{file: run.file.Name, probe: p, field: d}
		switch p.Kind {
		case ProbeSizeModulo:
			run.checks = append(run.checks, &sizeCheck{run: run, probe: p})
		case ProbePrintable:
			run.checks = append(run.checks, &printableCheck{base})
		case ProbeUnique:
			run.checks = append(run.checks, &uniqueCheck{ratio: base, seed: r.seed})
		case ProbeRefValid:
			run.checks = append(run.checks, r.refCheck(base))
		case ProbeKnown:
			run.checks = append(run.checks, &knownCheck{ratio: base})
		case ProbeEnumKnown:
			run.checks = append(run.checks, &enumCheck{base})
		case ProbeSum:
			run.checks = append(run.checks, r.sumCheck(base, run))
		}
	}
}

func (r *ProbeRun) refCheck(base ratio) check {
	target := r.files[base.field.ref.File]
	if base.field.ref.Field == "" {
		target.isTgt = true
		return &refCheck{ratio: base, target: target}
	}
	values := &valueTarget{field: target.file.byName[base.field.ref.Field], seen: map[uint64]struct{}{}}
	target.targets = append(target.targets, values)
	return &valueRefCheck{ratio: base, target: values, seed: r.seed}
}

// Begin tells that a file is there and how many bytes it has. Begin all files before feeding.
func (r *ProbeRun) Begin(file string, size int64) {
	run := r.files[file]
	if run == nil {
		return
	}
	first, last := run.file.Positions(size)
	run.begun, run.size, run.cards = true, size, max(0, int(int64(last)-int64(first)+1))
	if run.isTgt {
		run.seen, run.valid = newBits(run.cards), newBits(run.cards)
	}
}

// Feed judges one card. Control cards and cards beyond the size told to Begin are left out.
func (r *ProbeRun) Feed(file string, position int32, raw []byte) {
	run := r.files[file]
	if run == nil || !run.begun {
		return
	}
	ordinal := int(int64(position) - int64(run.file.DataFrom))
	if ordinal < 0 || ordinal >= run.cards {
		return
	}
	c, err := run.file.Decode(position, raw)
	if err != nil {
		return
	}
	run.remember(&c, ordinal, r.seed)
	if c.Status() != StatusInUse {
		return
	}
	sampled := r.full || Sampled(ordinal, run.cards)
	if sampled {
		r.vote.AddCard(run.file, raw)
	}
	for _, s := range run.sums {
		s.add(&c, r)
	}
	for _, check := range run.checks {
		check.card(&c, sampled)
	}
}

// remember keeps what references to this card will ask.
func (run *fileRun) remember(c *Card, ordinal int, seed maphash.Seed) {
	there := c.Status() == StatusInUse || c.Status() == StatusDeleted
	if run.isTgt {
		run.seen.set(ordinal)
		if there {
			run.valid.set(ordinal)
		}
	}
	for _, t := range run.targets {
		if there {
			t.seen[valueHash(seed, t.field, c.raw, 0)] = struct{}{}
		}
	}
}

// Result gives the outcome of every probe of every file begun, by file and in the order of the
// layout, and the probe encoding last. A required file that was not begun fails its probes; an
// optional one is left out.
func (r *ProbeRun) Result() []ProbeResult {
	var results []ProbeResult
	for _, f := range r.layout.Files() {
		run := r.files[f.Name]
		for _, check := range run.checks {
			switch {
			case run.begun:
				results = append(results, check.result(r))
			case f.Required:
				missing := check.result(r)
				missing.Ratio, missing.Pass, missing.Detail = 0, false, "file not read"
				results = append(results, missing)
			}
		}
	}
	return append(results, r.encoding())
}

// Vote gives the vote of the accented letters in the cards of the sample.
func (r *ProbeRun) Vote() *Vote { return &r.vote }

// encoding fails when the letters plainly disagree with the declared code page, or with each other.
func (r *ProbeRun) encoding() ProbeResult {
	result := ProbeResult{Kind: ProbeEncoding, Ratio: 1, Pass: true}
	total := r.vote.windows + r.vote.dos
	if total == 0 {
		result.Detail = "no accented letters"
		return result
	}
	leader, sure := r.vote.Encoding()
	result.Ratio = float64(max(r.vote.windows, r.vote.dos)) / float64(total)
	result.Detail = fmt.Sprintf("%d letters speak for %s, %d for %s", r.vote.windows, Windows1252, r.vote.dos, CP850)
	declared := r.layout.Encoding
	result.Pass = !r.vote.mixed() && (declared == Auto || !sure || leader == declared)
	return result
}

// bits is a set of ordinals.
type bits []uint64

func newBits(n int) bits      { return make(bits, (n+63)/64) }
func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
