package bob50_test

import (
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors/bob50/bob50test"
	"syncbox/connectors/connectortest"
	"syncbox/connectors/record"
)

// TestConformance: the contract, in every position of every switch that leaves something to be read.
//
// Requirement: LAB-7
func TestConformance(t *testing.T) {
	for _, switches := range bob50test.Positions() {
		if switches.Generation != "" && switches.Generation != bob50test.GenerationADS || switches.BackupForm == bob50test.BackupOther {
			continue // TestRefuses has them
		}
		t.Run(positionName(switches), func(t *testing.T) {
			connectortest.Run(t, func(t *testing.T) connectortest.Fixture { return fixture(t, switches) })
		})
	}
}

func fixture(t *testing.T, switches bob50test.Switches) connectortest.Fixture {
	r := newRig(t, bob50test.Options{Switches: switches})
	r.backup(bob50test.Good)
	n := 0
	observed := []record.Entity{record.Account, record.Contact}
	if switches.BackupForm == bob50test.BackupZip {
		observed = observed[:1] // editPerson does not open archives
	}
	return connectortest.Fixture{
		Source:   r.site,
		Observed: observed,
		Swept:    []record.Entity{record.Account, record.Contact},
		Edit: func(t *testing.T, e record.Entity) record.Key {
			if n++; e == record.Contact {
				return editPerson(t, r)
			}
			r.edit("C000001", bob50test.Fields{"CNAME1": "Crémerie " + string(rune('A'+n))})
			r.backup(bob50test.Good)
			return "C000001"
		},
		Break: func(t *testing.T) func() {
			rename(t, r.Root(), r.Root()+".away")
			return func() { rename(t, r.Root()+".away", r.Root()) }
		},
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

// positionName names the switch that is not in its first position.
func positionName(s bob50test.Switches) string {
	name := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(s)), " "), "{}")
	if name = strings.TrimSpace(name); name == "" {
		return "default"
	}
	return name
}

// editPerson makes a backup in which a person has another name: the site has nobody who edits persons.
func editPerson(t *testing.T, r *rig) record.Key {
	t.Helper()
	name := filepath.Join(r.backup(bob50test.Good), bob50test.Contacts+".ADT")
	b := must(os.ReadFile(name))(t)
	data, length := binary.LittleEndian.Uint32(b[32:]), binary.LittleEndian.Uint32(b[36:])
	for n := uint32(1); ; n++ {
		row := b[data+(n-1)*length:]
		if row[0]&1 == 1 {
			continue
		}
		row[5+10] ^= 0x20 // the case of the first letter, behind the status and the third party
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return record.Key(strconv.Itoa(int(n)))
	}
}
