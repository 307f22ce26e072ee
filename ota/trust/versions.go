package trust

import (
	"slices"

	"github.com/theupdateframework/go-tuf/v2/metadata"
)

// Versions are those of metadata; 0 is none.
type Versions struct {
	Root      int64 `json:"root"`
	Timestamp int64 `json:"timestamp"`
	Snapshot  int64 `json:"snapshot"`
	Targets   int64 `json:"targets"`
}

// least gives the least versions that are accepted, from two sets of which either may be lost or behind. Since is
// the version of the root that last took the keys of each role away: what was seen under an older root counts no more.
func least(since Versions, sets ...Versions) Versions {
	var l Versions
	for _, v := range sets {
		l.Root = max(l.Root, v.Root)
		if v.Root >= since.Timestamp {
			l.Timestamp = max(l.Timestamp, v.Timestamp)
		}
		if v.Root >= since.Snapshot {
			l.Snapshot = max(l.Snapshot, v.Snapshot)
		}
		if v.Root >= since.Targets {
			l.Targets = max(l.Targets, v.Targets)
		}
	}
	return l
}

// replaced says whether a new root takes away so many of a role's keys that those could have signed alone: then they may
// have been stolen, and what they signed is no measure any more. One key more, or one of two needed ones replaced, is none
// of that: the rest vouches for what was signed.
func replaced(old, new *metadata.RootType, role string) bool {
	was, is := old.Roles[role], new.Roles[role]
	if was == nil || is == nil {
		return was != nil
	}
	gone := 0
	for _, id := range was.KeyIDs {
		if !slices.Contains(is.KeyIDs, id) {
			gone++
		}
	}
	return gone >= max(was.Threshold, 1)
}
