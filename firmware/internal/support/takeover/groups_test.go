package takeover_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// wish is what the box shall run, and the groups that it is in.
func (x *box) wish(groups []string, by byte) []byte {
	time.Sleep(time.Second) // each is of another second
	args := draft{"target": "1.4.0/arm64/full", "version": "1.4.0", "sha256": fmt.Sprintf("%064x", 1), "bytes": 1 << 20, "groups": groups}
	d := x.draft("desired", "fleet", args)
	return d.with("exp", time.Now().Unix()+7*86400).signed(by)
}

// in says whether the box has subscribed to just these groups. The broker's lock is held.
func (x *box) in(groups ...string) bool {
	var got []string
	for _, f := range x.broker.sessions[boxName].filters {
		if g, ok := strings.CutPrefix(f, "sb/v1/fleet/"); ok {
			got = append(got, g)
		}
	}
	slices.Sort(got)
	return x.broker.there(boxName, topicCmd, topicDesired) && slices.Equal(got, groups)
}

// TestOldGroups: an older wish does not bring a box back into a group that it has left, nor does one that the fleet has not
// signed; and whatever a group is called, the box subscribes to no wildcard.
func TestOldGroups(t *testing.T) {
	bubble(t, func(t *testing.T, x *box) {
		x.connected()
		old := x.wish([]string{"eu-1"}, keyFleet)
		x.broker.say(topicDesired, old, true)
		x.await("the box to be in eu-1", func() bool { return x.in("eu-1") })
		x.broker.say(topicDesired, x.wish([]string{"us-1", "#", "+", "a/b", "$SYS", ""}, keyFleet), true)
		x.await("the box to be in us-1 alone", func() bool { return x.in("us-1") })
		for _, again := range [][]byte{old, x.wish([]string{"eu-1"}, keyOps), x.wish([]string{"eu-1"}, keyStranger)} {
			for _, topic := range []string{topicDesired, topicCmd, "sb/v1/fleet/us-1"} {
				x.broker.say(topic, again, true)
				x.broker.inject(boxName, message{topic: topic, payload: again, qos: 1, id: 30000})
				x.works()
			}
		}
		x.broker.cut(boxName)
		x.await("the box to come again", func() bool { return x.in("us-1") })
		x.works()
		x.restart()
		x.await("the box to come again", func() bool { return x.in("us-1") })
		x.works()
		x.only()
	})
}
