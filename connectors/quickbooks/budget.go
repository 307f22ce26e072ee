package quickbooks

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"syncbox/connectors"
)

const (
	// block is how many reads are written down ahead: a power cut costs at most so many of the allowance.
	block = 25
	// probeEvery is how often a read tries whether the vendor's month has really ended for us.
	probeEvery = 6 * time.Hour
	// stubborn is after how many answers to wait, one after the other and each after the pause asked for,
	// the vendor's month counts as used up: the answer that says so has never been seen.
	stubborn = 5
)

// earliest is before any clock that is right: one that has not been set yet ends no month.
var earliest = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// counted is what the meter keeps.
type counted struct {
	Month  time.Time `json:"month"`            // the first moment of the vendor's month
	Reads  int       `json:"reads"`            // made, or written down ahead
	UsedUp time.Time `json:"used_up,omitzero"` // since when the vendor refuses reads for the month
}

// budget counts the reads of a month. Its methods may be called by several goroutines.
type budget struct {
	allowance, day int
	now            func() time.Time
	meter          Meter // nil: in memory only

	mu      sync.Mutex
	loaded  bool
	kept    counted   // what the meter holds; guarded by mu
	reads   int       // really made, at most kept.Reads; guarded by mu
	waits   int       // answers to wait, one after the other; guarded by mu
	probing time.Time // the latest read in spite of UsedUp; guarded by mu
}

func newBudget(cfg Config) *budget {
	return &budget{allowance: cfg.MonthlyReads, day: cfg.CycleDay, now: cfg.Now, meter: cfg.Meter}
}

// monthOf gives the first moment of the vendor's month that holds t.
func monthOf(t time.Time, day int) time.Time {
	t = t.UTC()
	first := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC)
	if first.After(t) {
		first = first.AddDate(0, -1, 0)
	}
	return first
}

// roll reads the count and begins a new month where it is time. The lock is held.
func (b *budget) roll() error {
	if !b.loaded {
		if err := b.load(); err != nil {
			return err
		}
	}
	now := b.now()
	if month := monthOf(now, b.day); !month.Equal(b.kept.Month) && now.After(earliest) {
		b.kept, b.reads, b.waits = counted{Month: month}, 0, 0
	}
	return nil
}

func (b *budget) load() error {
	if b.meter != nil {
		text, err := b.meter.Load()
		if err != nil {
			return meterError("read", err)
		}
		if text != nil && json.Unmarshal(text, &b.kept) != nil {
			b.kept = b.guess()
		}
	}
	b.loaded, b.reads = true, b.kept.Reads
	return nil
}

// guess stands in for a count that is damaged: the part of the allowance that the month has come to.
func (b *budget) guess() counted {
	month := monthOf(b.now(), b.day)
	length := month.AddDate(0, 1, 0).Sub(month)
	return counted{Month: month, Reads: int(int64(b.allowance) * int64(b.now().Sub(month)/time.Second) / int64(length/time.Second))}
}

func (b *budget) save(c counted) error {
	if b.meter != nil {
		text, err := json.Marshal(c)
		if err != nil {
			return meterError("keep", err)
		}
		if err := b.meter.Save(text); err != nil {
			return meterError("keep", err)
		}
	}
	b.kept = c
	return nil
}

func meterError(what string, err error) error {
	return sure(connectors.Unavailable, CodeMeter, fmt.Errorf("%s the count of reads: %w", what, err))
}

// take counts one read before it is made. needed: a write can't be made without it.
func (b *budget) take(needed bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.roll(); err != nil {
		return err
	}
	if err := b.vendors(); err != nil {
		return err
	}
	if b.reads >= b.allowance && !needed {
		return sure(connectors.Unavailable, CodeAllowanceUsed, fmt.Errorf("%w: %d reads were made this month", connectors.ErrWritesOnly, b.reads))
	}
	if b.reads >= b.kept.Reads {
		ahead := b.kept
		ahead.Reads = b.reads + block
		if err := b.save(ahead); err != nil {
			return err
		}
	}
	b.reads++
	return nil
}

// vendors refuses while the vendor does, but for a probe from time to time. The lock is held.
func (b *budget) vendors() error {
	if b.kept.UsedUp.IsZero() {
		return nil
	}
	now := b.now()
	since := b.probing
	if b.kept.UsedUp.After(since) {
		since = b.kept.UsedUp
	}
	if left := since.Add(probeEvery).Sub(now); left > 0 && left <= probeEvery {
		return b.usedUp(left)
	}
	b.probing = now
	return nil
}

// usedUp makes the error of a month that is used up; the next try comes after pause. The lock is held.
func (b *budget) usedUp(pause time.Duration) error {
	if end := b.kept.Month.AddDate(0, 1, 0).Sub(b.now()); end > 0 {
		pause = min(pause, end)
	}
	e := sure(connectors.RateLimited, CodeMonthUsed, fmt.Errorf("the vendor refuses reads since %s", b.kept.UsedUp.UTC().Format(time.RFC3339)))
	e.Retry = pause
	return e
}

// giveBack takes a read off the count that the vendor does not count: one without success.
func (b *budget) giveBack() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads = max(0, b.reads-1)
}

// succeeded takes note that the vendor answers reads.
func (b *budget) succeeded() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = 0
	if b.kept.UsedUp.IsZero() {
		return nil
	}
	open := b.kept
	open.UsedUp = time.Time{}
	return b.save(open)
}

// told takes note that the vendor asked to wait after a read, and says whether the month is what is used up:
// since body says so, or since waiting does not help. Its error is of kind RateLimited then.
func (b *budget) told(body []byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits++
	if !monthly(body) && b.waits < stubborn && b.kept.UsedUp.IsZero() {
		return nil
	}
	if b.kept.UsedUp.IsZero() {
		shut := b.kept
		shut.UsedUp = b.now()
		if err := b.save(shut); err != nil {
			return err
		}
	}
	return b.usedUp(probeEvery)
}

// monthly guesses from the words of a 429 whether it is about the month. Only Intuit's page on limits is
// known, not the answer itself; both words that the page uses are tried.
func monthly(body []byte) bool {
	text := strings.ToLower(string(body[:min(len(body), 4<<10)]))
	for _, word := range []string{"month", "quota", "coreplus", "billing"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}

// Reads is the count of a month's reads, for people.
type Reads struct {
	Made, Allowance int
	// From and Until are the bounds of the vendor's month.
	From, Until time.Time
	// UsedUp is since when the vendor refuses reads for the month, all boxes together; zero if it does not.
	UsedUp time.Time
}

// state gives the count.
func (b *budget) state() (Reads, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.roll(); err != nil {
		return Reads{}, err
	}
	return Reads{Made: b.reads, Allowance: b.allowance, From: b.kept.Month, Until: b.kept.Month.AddDate(0, 1, 0), UsedUp: b.kept.UsedUp}, nil
}

// thrift gives by how much the pause between two looks is to be multiplied: 2 once 80 % of the allowance
// are used, else 1.
func (b *budget) thrift() int {
	r, err := b.state()
	if err != nil || r.Made*5 < r.Allowance*4 {
		return 1
	}
	return 2
}

// close writes down the exact count. It may be called twice.
func (b *budget) close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.loaded || b.reads == b.kept.Reads {
		return nil
	}
	exact := b.kept
	exact.Reads = b.reads
	return b.save(exact)
}
