package boot

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// StepClock sets the time of day.
func StepClock(to time.Time) error {
	ts, err := unix.TimeToTimespec(to)
	if err == nil {
		err = unix.ClockSettime(unix.CLOCK_REALTIME, &ts)
	}
	if err != nil {
		return fmt.Errorf("set clock to %s: %w", to.UTC().Format(time.RFC3339), err)
	}
	return nil
}

// adjOffsetSingleshot is adjtime(3) in adjtimex(2): the clock goes half a millisecond a second faster or slower until
// the offset is gone.
const adjOffsetSingleshot = 0x8001

// SlewClock has the clock go faster, or slower where by is negative, until it has gained that much. It never goes
// back. What an earlier call left undone is forgotten.
func SlewClock(by time.Duration) error {
	t := unix.Timex{Modes: adjOffsetSingleshot}
	setOffset(&t, by.Microseconds())
	if _, err := unix.Adjtimex(&t); err != nil {
		return fmt.Errorf("adjust clock by %s: %w", by, err)
	}
	return nil
}
