package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"syncbox/connectors/outlook/outlooktest"
	"syncbox/connectors/sagex3/sagex3test"
	"syncbox/firmware/internal/locale"
)

func (c *colleagues) intro() (string, map[string]string) {
	return "demo.x3-intro", map[string]string{"users": fmt.Sprint(len(people)), "contacts": fmt.Sprint(site.Correspondents), "tasks": fmt.Sprint(site.Tasks),
		"calls": fmt.Sprint(site.Calls), "appointments": fmt.Sprint(site.Appointments), "dir": c.dir}
}

func (c *colleagues) first() (string, map[string]string) {
	n := c.Counts()
	return "demo.x3-first", map[string]string{"contacts": fmt.Sprint(n[sagex3test.Correspondents]), "tasks": fmt.Sprint(n[sagex3test.Tasks]),
		"calls": fmt.Sprint(n[sagex3test.Calls]), "appointments": fmt.Sprint(n[sagex3test.Appointments])}
}

// subjects are what a task is called by turns.
var subjects = []string{"Relancer le devis", "Préparer l'offre", "Vérifier la livraison", "Rappeler lundi", "Envoyer le catalogue"}

func (c *colleagues) work(ctx context.Context, _ *stage, p *locale.Printer) error {
	r := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for n := 0; ctx.Err() == nil; n++ {
		d, who := &day{colleagues: c}, r.IntN(len(people))
		task, err := d.theirs(who, sagex3test.Tasks)
		if err != nil {
			return err
		}
		edit := c.editX3
		if n%2 == 1 {
			edit = c.editOutlook
		}
		if err := edit(ctx, p, d, who, task.Key, subjects[n%len(subjects)]); err != nil {
			return err
		}
		pause(ctx)
	}
	return nil
}

func (c *colleagues) editX3(ctx context.Context, p *locale.Printer, d *day, who int, task, subject string) error {
	if err := c.X3.Person(userOf(who)).Edit(sagex3test.Tasks, task, sagex3test.Values{sagex3test.Subject: subject}); err != nil {
		return err
	}
	return watch(ctx, p, "demo.x3-edit", map[string]string{"user": people[who], "task": task, "subject": subject}, func() bool {
		it, err := d.item(who, outlooktest.Task, task)
		return err == nil && it.Text("title") == subject
	})
}

func (c *colleagues) editOutlook(ctx context.Context, p *locale.Printer, d *day, who int, task, subject string) error {
	it, err := d.item(who, outlooktest.Task, task)
	if err != nil {
		return err
	}
	if err := c.Outlook.Person(addressOf(who)).Edit(it.ID, outlooktest.Object{"title": subject}); err != nil {
		return err
	}
	return watch(ctx, p, "demo.outlook-edit", map[string]string{"user": people[who], "task": task, "subject": subject}, func() bool {
		return d.shows(sagex3test.Tasks, task, sagex3test.Values{sagex3test.Subject: subject})
	})
}
