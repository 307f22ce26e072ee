package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/storytest"
)

// day is what the four do on one day, and what has to come of it.
type day struct {
	*colleagues
	want    map[string]func() bool
	private string // the id of an appointment that is nobody else's business
}

// theirs gives the first record of a user's, of an object.
func (d *day) theirs(n int, o sagex3test.Object) (sagex3test.Record, error) {
	for _, r := range d.X3.Records(o) {
		if r.Values[sagex3test.Owner] == repOf(n) {
			return r, nil
		}
	}
	return sagex3test.Record{}, fmt.Errorf("%s has no %s", repOf(n), o)
}

// item gives the item of a mailbox that carries a number.
func (d *day) item(n int, k outlooktest.Kind, chrono string) (outlooktest.Item, error) {
	for _, it := range d.Outlook.Items(addressOf(n), k) {
		if storytest.Chrono(it) == chrono {
			return it, nil
		}
	}
	return outlooktest.Item{}, fmt.Errorf("%s is not at %s", chrono, addressOf(n))
}

// shows says whether X3 has a record with some values.
func (d *day) shows(o sagex3test.Object, key string, v sagex3test.Values) bool {
	r, _ := d.X3.Record(o, key)
	for f, want := range v {
		if r.Values[f] != want {
			return false
		}
	}
	return true
}

// made says whether X3 has one record of a user's with some values.
func (d *day) made(n int, o sagex3test.Object, v sagex3test.Values) bool {
	count := 0
	for _, r := range d.X3.Records(o) {
		if r.Values[sagex3test.Owner] == repOf(n) && d.shows(o, r.Key, v) {
			count++
		}
	}
	return count == 1
}

// atScreens has people edit what is theirs in X3. That it arrives is seen by comparing all.
func (d *day) atScreens() error {
	long := strings.Repeat("très ", 60) + "long"
	for o, v := range map[sagex3test.Object]sagex3test.Values{
		sagex3test.Correspondents: {sagex3test.LastName: "Tremblay", sagex3test.Mobile: "0601020304"},
		sagex3test.Tasks:          {sagex3test.Subject: long},
		sagex3test.Calls:          {sagex3test.Done: sagex3test.Yes, sagex3test.Hours: "1", sagex3test.Minutes: "5"},
		sagex3test.Appointments:   {sagex3test.Subject: "Déplacé", sagex3test.StartTime: "0700", sagex3test.EndTime: "0730"},
	} {
		r, err := d.theirs(0, o)
		if err == nil {
			err = d.X3.Person(userOf(0)).Edit(o, r.Key, v)
		}
		if err != nil {
			return err
		}
		if o == sagex3test.Tasks { // Outlook's cut text is no edit
			d.want["the long subject is whole in X3"] = func() bool { return d.shows(o, r.Key, v) }
		}
	}
	return nil
}

// together has one of them make an appointment with two others.
func (d *day) together() error {
	in := d.X3.Now().In(d.Zone).AddDate(0, 0, 30).Format("20060102")
	key, err := d.X3.Person(userOf(0)).Create(sagex3test.Appointments, sagex3test.Values{sagex3test.Subject: "Visite à trois", sagex3test.Company: "C00001",
		sagex3test.Start: in, sagex3test.StartTime: "1800", sagex3test.End: in, sagex3test.EndTime: "1900"})
	if err != nil {
		return err
	}
	return errors.Join(d.X3.Person(userOf(0)).AddCoworker(key, repOf(1)), d.X3.Person(userOf(0)).AddCoworker(key, repOf(2)))
}

// inOutlook has another one edit what came from X3.
func (d *day) inOutlook() error {
	const n = 1
	user := d.Outlook.Person(addressOf(n))
	for o, e := range map[sagex3test.Object]struct {
		kind outlooktest.Kind
		edit outlooktest.Object
		want sagex3test.Values
	}{
		sagex3test.Correspondents: {outlooktest.Contact, outlooktest.Object{"surname": "Gagnon", "businessPhones": []any{"0102030405"}},
			sagex3test.Values{sagex3test.LastName: "Gagnon", sagex3test.Phone: "0102030405"}},
		sagex3test.Tasks:        {outlooktest.Task, outlooktest.Object{"status": "completed"}, sagex3test.Values{sagex3test.Done: sagex3test.Yes}},
		sagex3test.Calls:        {outlooktest.Task, outlooktest.Object{"title": "Rappeler lundi"}, sagex3test.Values{sagex3test.Subject: "Rappeler lundi"}},
		sagex3test.Appointments: {outlooktest.Event, outlooktest.Object{"subject": "Reporté"}, sagex3test.Values{sagex3test.Subject: "Reporté"}},
	} {
		r, err := d.theirs(n, o)
		if err != nil {
			return err
		}
		it, err := d.item(n, e.kind, r.Key)
		if err == nil {
			err = user.Edit(it.ID, e.edit)
		}
		if err != nil {
			return err
		}
		d.want[r.Key+" as it was edited in Outlook"] = func() bool { return d.shows(o, r.Key, e.want) }
	}
	return nil
}

// newInOutlook has the third one make things in Outlook, one of them with a code that X3 does not know.
func (d *day) newInOutlook() error {
	const n = 2
	user := d.Outlook.Person(addressOf(n))
	list := d.lists[addressOf(n)]
	for _, e := range []struct {
		kind   outlooktest.Kind
		in     string
		fields outlooktest.Object
		object sagex3test.Object
		want   sagex3test.Values
	}{
		{outlooktest.Contact, "", outlooktest.Object{"surname": "Petit", "givenName": "Luc", "companyName": "#C00002#"},
			sagex3test.Correspondents, sagex3test.Values{sagex3test.LastName: "Petit", sagex3test.Company: "C00002"}},
		{outlooktest.Task, list, outlooktest.Object{"title": "Préparer l'offre #C00003#"}, sagex3test.Tasks, sagex3test.Values{sagex3test.Company: "C00003", sagex3test.Subject: "Préparer l'offre #C00003#"}},
		{outlooktest.Task, list, outlooktest.Object{"title": "Chez un inconnu #NOBODY#"}, sagex3test.Tasks, sagex3test.Values{sagex3test.Company: "", sagex3test.Subject: "Chez un inconnu #NOBODY#"}},
		{outlooktest.Event, "", d.event("Démonstration #C00004#", 31, 17), sagex3test.Appointments, sagex3test.Values{sagex3test.Company: "C00004", sagex3test.Subject: "Démonstration #C00004#"}},
	} {
		if _, err := user.Create(e.kind, e.in, e.fields); err != nil {
			return err
		}
		d.want[fmt.Sprintf("%v in X3", e.want)] = func() bool { return d.made(n, e.object, e.want) }
	}
	return nil
}

// event is an appointment of an hour, so many days ahead.
func (d *day) event(subject string, days, hour int) outlooktest.Object {
	t := d.X3.Now().In(d.Zone).AddDate(0, 0, days)
	at := func(hour int) outlooktest.Object {
		begins := time.Date(t.Year(), t.Month(), t.Day(), hour, 0, 0, 0, d.Zone)
		return outlooktest.Object{"dateTime": begins.Format("2006-01-02T15:04:05"), "timeZone": "Europe/Paris"}
	}
	return outlooktest.Object{"subject": subject, "start": at(hour), "end": at(hour + 1)}
}

// series has the fourth one make an appointment for three weeks: X3 gets three.
func (d *day) series() error {
	const n = 3
	e := d.event("Point hebdomadaire", 7, 19)
	first := d.X3.Now().In(d.Zone).AddDate(0, 0, 7)
	e["recurrence"] = outlooktest.Object{"pattern": outlooktest.Object{"type": "weekly", "interval": 1, "daysOfWeek": []any{strings.ToLower(first.Weekday().String())}},
		"range": outlooktest.Object{"type": "numbered", "startDate": first.Format(time.DateOnly), "numberOfOccurrences": 3}}
	if _, err := d.Outlook.Person(addressOf(n)).Create(outlooktest.Event, "", e); err != nil {
		return err
	}
	var days []string
	for week := range 3 {
		days = append(days, first.AddDate(0, 0, 7*week).Format("20060102"))
	}
	d.want["each occurrence of a series in X3"] = func() bool {
		var found []string
		for _, r := range d.X3.Records(sagex3test.Appointments) {
			if r.Values[sagex3test.Subject] == "Point hebdomadaire" && r.Values[sagex3test.Owner] == repOf(n) {
				found = append(found, r.Values[sagex3test.Start])
			}
		}
		slices.Sort(found)
		return slices.Equal(found, days)
	}
	return nil
}

// strangers has the fourth one enter what is nobody else's business.
func (d *day) strangers() error {
	e := d.event("Médecin", 3, 20)
	e["sensitivity"] = "private"
	var err error
	d.private, err = d.Outlook.Person(addressOf(3)).Create(outlooktest.Event, "", e)
	return err
}

// kept makes sure that what is private went nowhere, and is as it was.
func (d *day) kept() error {
	it, there := d.Outlook.Item(addressOf(3), d.private)
	if !there || it.Text("subject") != "Médecin" || storytest.Chrono(it) != "" {
		return errors.New("a private appointment was changed")
	}
	for _, r := range d.X3.Records(sagex3test.Appointments) {
		if r.Values[sagex3test.Subject] == "Médecin" {
			return errors.New("a private appointment is in X3")
		}
	}
	return nil
}
