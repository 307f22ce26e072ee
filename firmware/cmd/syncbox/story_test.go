package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"syncbox/connectors/acomba/acombatest"
	"syncbox/connectors/centrixone/centrixonetest"
	"syncbox/firmware/internal/sitetest"
	"syncbox/firmware/internal/storytest"
)

// TestMain lets the stories run this program under its own name.
func TestMain(m *testing.M) { testscript.Main(m, map[string]func(){"syncbox": main}) }

// TestStories tells each story of testdata/scenarios: a company and a CRM in this process, the box as a
// program of its own, and people at all three of them.
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "../../../testdata/scenarios",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			_, err := newStory(t, e)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":    await,
			"capture":  capture,
			"complete": told(0, (*story).complete),
			"once":     told(0, func(s *story, _ []string) (string, error) { return "", s.NoDoubles() }),
			"crm":      told(2, (*story).atCRM),
			"erp":      told(1, (*story).atERP),
			"expand":   expand,
		},
	})
}

// story is what one script plays with.
type story struct {
	storytest.Sides
	person acombatest.Person
}

type storyKey struct{}

// newStory makes the company in share/EXEMPLE and puts the CRM on loopback, with its address in $CRM.
func newStory(t *testing.T, e *testscript.Env) (*story, error) {
	share := filepath.Join(e.WorkDir, "share")
	s := &story{}
	var err error
	if s.ERP, err = sitetest.NewCompany(share, 20, 60); err != nil {
		return nil, err
	}
	crm, address, end, err := sitetest.ServeCRM(centrixonetest.Acomba)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := end(); err != nil {
			t.Error(err)
		}
	})
	s.CRM = crm
	s.person = acombatest.Person{Station: s.ERP, Box: acombatest.NewDir(filepath.Join(share, "SyncBox")), Company: sitetest.Company}
	e.Setenv("CRM", "http://"+address)
	e.Setenv("ACCOUNT", sitetest.CRMAccount)
	e.Setenv("KEY", sitetest.CRMKey)
	e.Values[storyKey{}] = s
	return s, nil
}

// told makes a command of a method that prints something, or fails.
func told(least int, do func(s *story, args []string) (string, error)) func(*testscript.TestScript, bool, []string) {
	return func(ts *testscript.TestScript, neg bool, args []string) {
		if neg || len(args) < least {
			ts.Fatalf("want at least %d arguments, and no !", least)
		}
		text, err := do(ts.Value(storyKey{}).(*story), args)
		ts.Check(err)
		fmt.Fprint(ts.Stdout(), text)
	}
}

// expand FILE...: puts the values of variables into files.
func expand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand FILE...")
	}
	for _, name := range args {
		text := os.Expand(ts.ReadFile(name), ts.Getenv)
		ts.Check(os.WriteFile(ts.MkAbs(name), []byte(text), 0o600))
	}
}

// capture NAME REGEXP: sets a variable to the first group that fits the last output.
func capture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: capture NAME REGEXP")
	}
	m := regexp.MustCompile("(?m)" + args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(m) != 2 {
		ts.Fatalf("the last output has no %q", args[1])
	}
	ts.Setenv(args[0], m[1])
}

// awaitFor bounds how long something may take to arrive. Nothing depends on how fast it is.
const awaitFor = 2 * time.Minute

// await REGEXP COMMAND [ARGUMENT...]: runs a program, or crm, again and again until its output fits.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: await REGEXP COMMAND [ARGUMENT...]")
	}
	want := regexp.MustCompile("(?m)" + args[0])
	var last answer
	err := storytest.Until(context.Background(), "await "+args[0], awaitFor, func() bool {
		last = ask(ts, args[1:])
		return last.err == nil && want.MatchString(last.text)
	})
	if err != nil {
		ts.Fatalf("%v; the last answer was: %v\n%s", err, last.err, last.text)
	}
	fmt.Fprint(ts.Stdout(), last.text)
}

type answer struct {
	text string
	err  error
}

// ask runs crm or a program once. A box that is just starting does not answer yet.
func ask(ts *testscript.TestScript, args []string) answer {
	if args[0] == "crm" {
		text, err := ts.Value(storyKey{}).(*story).atCRM(args[1:])
		return answer{text, err}
	}
	c := exec.Command(args[0], args[1:]...)
	c.Dir = ts.MkAbs(".")
	text, err := c.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		err = fmt.Errorf("%w: %s", err, failed.Stderr)
	}
	return answer{string(text), err}
}

// complete: the CRM comes to show everything that the company holds.
func (s *story) complete([]string) (string, error) {
	p, err := s.Picture()
	if err != nil {
		return "", err
	}
	var missing []string
	err = storytest.Until(context.Background(), "everything in the CRM", time.Minute, func() bool {
		missing = s.Missing(p)
		return len(missing) == 0
	})
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, storytest.Some(missing))
	}
	return "", nil
}

// atERP is somebody at work in Acomba:
//
//	erp customer CARD          shows number, name, city
//	erp city CARD CITY         moves a customer
//	erp freight CARD           adds a dollar of freight to a document
//	erp documents CARD         lists the documents of a customer, by card
//	erp key                    keys what is in the hand-off file
func (s *story) atERP(args []string) (string, error) {
	if args[0] == "key" {
		touched, err := s.person.KeyLatest(acombatest.Manner{})
		return fmt.Sprintf("%d customers\n", len(touched)), err
	}
	if len(args) < 2 {
		return "", fmt.Errorf("erp %s: which card?", args[0])
	}
	position, err := card(args[1])
	if err != nil {
		return "", err
	}
	switch args[0] {
	case "customer":
		c, err := s.ERP.Customer(position)
		return fmt.Sprintf("%s\n%s\n%s\n", c.Number, c.Name, c.City), err
	case "city":
		return "", s.ERP.ModifyCustomer(position, func(c *acombatest.Customer) { c.City = strings.Join(args[2:], " ") })
	case "freight":
		return "", s.ERP.ModifyDocument(position, func(d *acombatest.Document) { d.Freight += 100; d.Total += 100 })
	case "documents":
		return s.documents(position)
	}
	return "", fmt.Errorf("erp has no %q", args[0])
}

// documents lists the live documents of a customer that no other one replaces.
func (s *story) documents(customer int32) (string, error) {
	p, err := s.Picture()
	var all []string
	for _, d := range p.Documents {
		if d.Customer == customer && d.State != acombatest.StateCancelled && !p.Replaced[d.CardPos] {
			all = append(all, strconv.Itoa(int(d.CardPos)))
		}
	}
	slices.Sort(all)
	return strings.Join(all, "\n") + "\n", err
}

// atCRM is somebody at work in the CRM; records are named by the cards they come from:
//
//	crm customer CARD             shows number, name, city
//	crm document CARD             shows the total before tax
//	crm city CARD CITY            moves a customer
//	crm delete-contact CARD       has the vendor's staff delete a customer's contact for good
func (s *story) atCRM(args []string) (string, error) {
	position, err := card(args[1])
	if err != nil {
		return "", err
	}
	account, _ := s.CRM.AccountByExternalID(storytest.External("CU", position))
	switch args[0] {
	case "customer":
		return fmt.Sprintf("%s\n%s\n%s\n", account.Sync.CustomerNumber, account.Name, account.City), nil
	case "document":
		o, _ := s.CRM.OpportunityByExternalID(storytest.External("DO", position))
		return o.TotalBeforeTax + "\n", nil
	case "city":
		person := s.CRM.Person(centrixonetest.Administrator)
		return "", person.Edit(centrixonetest.Accounts, account.ID, centrixonetest.Fields{"City": strings.Join(args[2:], " ")})
	case "delete-contact":
		contact, _ := s.CRM.ContactByExternalID(storytest.External("CC", position))
		return "", s.CRM.Support().Delete(centrixonetest.Contacts, contact.ID)
	}
	return "", fmt.Errorf("crm has no %q", args[0])
}

func card(text string) (int32, error) {
	n, err := strconv.ParseInt(text, 10, 32)
	return int32(n), err
}
