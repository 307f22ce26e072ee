package app_test

import (
	"fmt"
	"slices"
	"testing"

	"syncbox/connectors/outlook"
	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
)

// A mailbox that the application may not use any longer stops its own user, with the cause; the other users go on. Once it may, and
// somebody asks, what was entered meanwhile arrives.
//
// Requirement: X3-4, X3-8
func TestX3OneMailboxIsDenied(t *testing.T) {
	t.Parallel()
	f := newFolder(t)
	enter := func(subject string) {
		for n := 1; n <= 2; n++ {
			_, err := f.x3.Person(fmt.Sprintf("U%d", n)).Create(sagex3test.Tasks, sagex3test.Values{sagex3test.Subject: subject, sagex3test.Start: "20261124"})
			must(t, err)
		}
	}
	enter("before")
	f.until("both have their task", func() bool {
		return f.has(1, outlooktest.Task, "title", "before") && f.has(2, outlooktest.Task, "title", "before")
	})
	f.outlook.Deny(mailbox(1), true)
	enter("meanwhile")
	f.until("the other user goes on, and this one's job says why it does not", func() bool {
		st, err := f.app.Jobs[0].Status()
		told := err == nil && slices.Contains([]string{st.Ways[0].Code, st.Ways[1].Code}, outlook.CodeMailboxDenied)
		return told && f.has(2, outlooktest.Task, "title", "before", "meanwhile")
	})
	if st, err := f.app.Jobs[1].Status(); err != nil || st.Ways[0].Code != "" || st.Ways[1].Code != "" {
		t.Errorf("the other job: %+v %v", st.Ways, err)
	}
	f.outlook.Deny(mailbox(1), false)
	f.until("what was entered meanwhile arrives", func() bool { return f.has(1, outlooktest.Task, "title", "before", "meanwhile") })
}
