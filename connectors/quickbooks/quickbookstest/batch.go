package quickbookstest

import (
	"maps"
	"slices"
	"strconv"
)

// batchItem is one item of a batch: a query or a write.
type batchItem struct {
	id     string
	query  string
	write  Write
	object Object
	wrong  *problem // what makes it neither
}

// readBatch takes a batch apart.
func readBatch(o Object) []batchItem {
	var items []batchItem
	for _, in := range objects(o["BatchItemRequest"]) {
		item := batchItem{id: text(in, "bId"), query: text(in, "Query")}
		if item.query == "" {
			item.readWrite(in)
		}
		items = append(items, item)
	}
	return items
}

func (item *batchItem) readWrite(in Object) {
	for _, name := range slices.Sorted(maps.Keys(in)) {
		if o, ok := in[name].(Object); ok && entityOf(name) == Entity(name) {
			operation := text(in, "operation")
			item.write, item.object = describe(Entity(name), operation, o), o
			if operation == "" {
				item.wrong = missingParam("operation")
			}
			return
		}
	}
	item.wrong = missingParam("BatchItemRequest")
}

// batch does the items one after the other; a refused one does not stop the others. The caller has the lock.
func (s *Server) batch(c *Call, q *request) (Object, *problem) {
	switch limit := s.limits.BatchItems; {
	case len(q.items) == 0:
		return nil, missingParam("BatchItemRequest")
	case limit > 0 && len(q.items) > limit:
		return nil, invalid("1040", "Batch size exceeds allowed limit", "The batch limit size is "+strconv.Itoa(limit), "")
	}
	var answers []any
	c.Writes = nil // what was asked for is replaced by what came of it
	for i := range q.items {
		o, prob := s.item(c, q, i)
		if prob != nil {
			o = Object{"Fault": prob.fault()}
		}
		o["bId"] = q.items[i].id
		answers = append(answers, o)
	}
	if s.switches.BatchReversed {
		slices.Reverse(answers)
	}
	return Object{"BatchItemResponse": answers}, nil
}

func (s *Server) item(c *Call, q *request, i int) (Object, *problem) {
	item := &q.items[i]
	if item.query != "" {
		return s.queryItem(c, q, i)
	}
	w := item.write
	w.Call = c.Seq
	defer func() { c.wrote(w) }()
	switch {
	case q.faulty(BatchItem) && q.fault.Row == i:
		return nil, q.fault.business()
	case item.wrong != nil:
		return nil, item.wrong
	}
	return s.apply(&w, item.object)
}

func (s *Server) queryItem(c *Call, q *request, i int) (Object, *problem) {
	if q.faulty(BatchItem) && q.fault.Row == i {
		return nil, q.fault.business()
	}
	o, rows, prob := s.query(q, q.items[i].query)
	c.Rows += rows
	return Object{"QueryResponse": o}, prob
}

// queries counts the queries of a batch.
func (q *request) queries() (n int) {
	for _, item := range q.items {
		if item.query != "" {
			n++
		}
	}
	return n
}
