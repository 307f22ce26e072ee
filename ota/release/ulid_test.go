package release

import (
	"bytes"
	"testing"
	"time"
)

func TestULID(t *testing.T) {
	for _, tt := range []struct {
		ms   int64
		fill byte
		want string
	}{
		{0, 0, "00000000000000000000000000"},
		{1, 0, "00000000010000000000000000"},
		{1469918176385, 0, "01ARYZ6S410000000000000000"}, // the example of the specification
		{1<<48 - 1, 0xff, "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"},
		{0, 0x08, "00000000001040G2081040G208"},
	} {
		got, err := newULID(time.UnixMilli(tt.ms), bytes.NewReader(bytes.Repeat([]byte{tt.fill}, 10)))
		if err != nil || got != tt.want {
			t.Errorf("%d, %x: got %s, %v, want %s", tt.ms, tt.fill, got, err, tt.want)
		}
	}
	if _, err := newULID(time.UnixMilli(1), bytes.NewReader(nil)); err == nil {
		t.Error("an id without chance")
	}
}
