package sagex3test_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/sagex3/sagex3test"
)

// Requirement: LAB-7
func TestNoChildren(t *testing.T) {
	r := site(t, switches{Children: sagex3test.Children(0)})
	if a := r.query("TSK", 5); a.http != 500 || a.fault != "No Web services accepted" {
		t.Errorf("got %d %q", a.http, a.fault)
	}
	r.SetSwitches(switches{Children: sagex3test.Children(1)})
	if a := r.query("TSK", 5); !a.ok() || a.infos["busy"] != "false" {
		t.Errorf("with one: %d %q", a.http, a.fault)
	}
}

// A worker has one call at a time; a call that finds none free is told that the pool is busy.
//
// Requirement: LAB-7
func TestBusyWorkers(t *testing.T) {
	for children, want := range map[int]bool{1: true, 2: false} {
		synctest.Test(t, func(t *testing.T) {
			r := site(t, switches{Children: sagex3test.Children(children)})
			r.AddFault(sagex3test.Fault{Kind: sagex3test.Slow, Delay: 90 * time.Second})
			slow := make(chan reply)
			go func() { slow <- r.query("TSK", 5) }()
			synctest.Wait()
			a := r.query("TSK", 5)
			if busy := a.infos["busy"] == "true"; busy != want || a.ok() == want || a.http != 200 {
				t.Errorf("%d children: busy %t, %d %s %q", children, busy, a.http, a.status, a.messages)
			}
			if a := <-slow; !a.ok() {
				t.Errorf("the slow one: %s %q", a.status, a.messages)
			}
			if a := r.query("TSK", 5); !a.ok() {
				t.Errorf("after it: %s %q", a.status, a.messages)
			}
			if n := r.Counters(); (n.Busy == 1) != want || n.PeakConcurrent != 2 {
				t.Errorf("counters %+v", n)
			}
		})
	}
}

// With UserFirstSession a worker becomes the caller once; later calls of it act as the pool's user, unless they ask for multi.
//
// Requirement: LAB-7
func TestSwitchOfUsers(t *testing.T) {
	for _, row := range []struct {
		position string
		multi    bool
		want     [3]string
	}{
		{sagex3test.UserCorrect, false, [3]string{"SYNC", "SYNC", "SYNC"}},
		{sagex3test.UserFirstSession, false, [3]string{"SYNC", "ADMIN", "SYNC"}},
		{sagex3test.UserFirstSession, true, [3]string{"SYNC", "SYNC", "SYNC"}},
	} {
		r := site(t, switches{UserSwitch: row.position})
		if row.multi {
			r.context["requestConfig"] = "adxwss.optiontype=adxwss.optiontype.multi&adxwss.trace.on=on"
		}
		var got [3]string
		for i := range got {
			if i == 2 {
				r.RestartPool()
			}
			got[i] = flds(r.save("TSK", owned()).result)["UPDUSR"]
		}
		if got != row.want {
			t.Errorf("%s, multi %t: %v, want %v", row.position, row.multi, got, row.want)
		}
	}
}

// Many callers, people and readers at once: each save that was answered made one record.
func TestManyCallers(t *testing.T) {
	r := newRig(t, options{})
	var made atomic.Int64
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 10 {
				if r.save("TSK", owned()).ok() {
					made.Add(1)
				}
				r.Journal(sagex3test.JournalQuery{})
				r.Save()
			}
		})
		all.Go(func() {
			for range 10 {
				r.task("x")
				r.Queue("U1")
			}
		})
	}
	all.Wait()
	if got := len(r.Created(sagex3test.Tasks)); int64(got) != made.Load() || len(r.Records(sagex3test.Tasks)) != got+40 {
		t.Errorf("%d answered, %d made, %d records", made.Load(), got, len(r.Records(sagex3test.Tasks)))
	}
}
