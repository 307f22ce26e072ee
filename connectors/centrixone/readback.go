package centrixone

import (
	"context"

	"syncbox/connectors"
	"syncbox/connectors/record"
)

// untouched reads back the records of jobs, which were sent in one request that the CRM does whole or not
// at all, and says whether it was certainly not done: at least one record shows that, and none shows
// anything else. A record that a person changed meanwhile shows neither.
func (c *CRM) untouched(ctx context.Context, ops []connectors.Op, jobs []job) (bool, error) {
	entity := ops[jobs[0].op].Entity
	found, err := c.present(ctx, entity, ops, jobs)
	if err != nil {
		return false, err
	}
	proof := false
	for _, j := range jobs {
		switch found.tells(ops[j.op]) {
		case done:
			return false, nil
		case notDone:
			proof = true
		}
	}
	return proof, nil
}

// presence is what a read shows of some records.
type presence struct {
	byKey      map[record.Key]record.Record
	byExternal map[string]record.Key
}

// present reads the records that the jobs are to update by Id, and those they are to create by external id.
func (c *CRM) present(ctx context.Context, e record.Entity, ops []connectors.Op, jobs []job) (presence, error) {
	var byID, byExternal []string
	for _, j := range jobs {
		switch op := ops[j.op]; {
		case op.Kind == connectors.Update:
			byID = append(byID, "C"+string(op.Key))
		case op.ExternalID != "":
			byExternal = append(byExternal, "E"+op.ExternalID)
		}
	}
	p := presence{byKey: map[record.Key]record.Record{}, byExternal: map[string]record.Key{}}
	for _, terms := range [][]string{byID, byExternal} {
		err := c.readTerms(ctx, e, terms, func(r record.Record) {
			p.byKey[r.Key] = r
			p.byExternal[r.ExternalID] = r.Key
		})
		if err != nil {
			return presence{}, err
		}
	}
	return p, nil
}

// sign is what one record tells about the request that it was part of.
type sign uint8

const (
	nothing sign = iota
	notDone
	done
)

func (p presence) tells(op connectors.Op) sign {
	if op.Kind == connectors.Update {
		return p.updated(op)
	}
	if op.ExternalID == "" {
		return nothing
	}
	holder, there := p.byExternal[op.ExternalID]
	if !there || op.Displace != nil && holder == op.Displace.Key {
		return notDone
	}
	return done
}

func (p presence) updated(op connectors.Op) sign {
	now, there := p.byKey[op.Key]
	switch {
	case !there:
		return notDone
	case op.ExternalID != "" && now.ExternalID != op.ExternalID:
		return notDone
	case op.Seen != nil && same(op.Fields, op.Seen, op.Fields):
		return nothing // it would look the same either way
	case same(op.Fields, now.Fields, op.Fields):
		return done
	case op.Seen == nil || same(op.Fields, now.Fields, op.Seen):
		return notDone
	}
	return nothing
}

// same says whether a and b agree in the fields that names has.
func same(names, a, b record.Fields) bool {
	for name := range names {
		if !a[name].Equal(b[name]) {
			return false
		}
	}
	return true
}
