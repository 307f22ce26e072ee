package panel

import (
	"testing"
	"time"
)

// A press is judged by its length also when the program was held up and saw nothing in between.
func TestAPressThatIsSeenLate(t *testing.T) {
	for held, want := range map[time.Duration]signal{time.Second: short, 4 * time.Second: let, 12 * time.Second: chosen,
		22 * time.Second: arm, cancelled: let, time.Hour: let} {
		b := newButton(false, 0)
		b.level(true, time.Second)
		if got := b.next(2 * time.Second); got != down {
			t.Errorf("pressed: got %d", got)
		}
		b.level(false, time.Second+held)
		if got := b.next(2*time.Second + held); got != want {
			t.Errorf("let go after %s: got %d, want %d", held, got, want)
		}
	}
}
