package bundle

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Version of a release: three numbers, each 0 to 999.
type Version struct{ Major, Minor, Patch int }

// ParseVersion reads "1.4.0": decimal, without leading zeros, without anything before or behind.
func ParseVersion(s string) (Version, error) {
	var n [3]int
	parts := strings.Split(s, ".")
	if len(parts) != len(n) {
		return Version{}, fmt.Errorf("read version %q: want three numbers", s)
	}
	for i, p := range parts {
		v, err := strconv.Atoi(p)
		if err != nil || v < 0 || v > 999 || strconv.Itoa(v) != p {
			return Version{}, fmt.Errorf("read version %q: %q is no number from 0 to 999", s, p)
		}
		n[i] = v
	}
	return Version{n[0], n[1], n[2]}, nil
}

// String gives "1.4.0".
func (v Version) String() string { return fmt.Sprintf("%d.%d.%d", v.Major, v.Minor, v.Patch) }

// Compare gives -1, 0 or 1.
func (v Version) Compare(w Version) int { return cmp.Compare(v.Number(), w.Number()) }

// Number gives the version as one number that grows with it: 1.4.0 is 1004000. Floors are such numbers.
func (v Version) Number() int64 {
	return int64(v.Major)*1_000_000 + int64(v.Minor)*1_000 + int64(v.Patch)
}

// MarshalText gives "1.4.0".
func (v Version) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads what MarshalText gives.
func (v *Version) UnmarshalText(b []byte) (err error) {
	*v, err = ParseVersion(string(b))
	return err
}
