package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReadLog(t *testing.T) {
	s := read(`1795337749: mosquitto version 2.0.11 running
1795337749: New connection from 127.0.0.1:45466 on port 35257.
1795337749: New connection from 127.0.0.1:45467 on port 35257.
1795337749: New client connected from 127.0.0.1:45466 as box-00001 (p2, c0, k120, u'box-00001').
1795337750: Client box-00001 closed its connection.
1795337751: New connection from 127.0.0.1:45470 on port 35257.
1795337751: New client connected from 127.0.0.1:45470 as box-00002 (p2, c0, k120, u'box-00002').
1795337752: New connection from 127.0.0.1:45471 on port 35257.
1795337753: New client connected from 127.0.0.1:45471 as box-00001 (p2, c0, k120, u'box-00001').
`)
	want := map[string]int64{"box-00001": 1795337753, "box-00002": 1795337751}
	if diff := cmp.Diff(want, s.connected); diff != "" {
		t.Errorf("connected (-want +got):\n%s", diff)
	}
	if s.attempts != 4 || s.peak != 2 || s.when(0.5) != 1795337751 || s.when(1) != 1795337753 {
		t.Errorf("attempts %d, peak %d, half by %d, all by %d", s.attempts, s.peak, s.when(0.5), s.when(1))
	}
	if none := read(""); none.when(1) != 0 {
		t.Errorf("an empty log: %+v", none)
	}
}
