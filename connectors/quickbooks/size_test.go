package quickbooks_test

import (
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"syncbox/connectors/record"
)

// endless is a company whose rows are made when they are asked for.
type endless struct {
	counts map[string]int
	born   time.Time
	calls  int
	most   uint64 // bytes in use when every 16th request came, after a collection
}

func (e *endless) serve(r *http.Request) *said {
	if e.calls++; e.calls%16 == 0 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		e.most = max(e.most, m.HeapAlloc)
	}
	q := r.URL.Query().Get("query")
	form := queryForm.FindStringSubmatch(q)
	if form == nil {
		return nil // the feed: nothing changed
	}
	first := 0
	if from := quoted.FindStringSubmatch(form[3]); strings.Contains(form[3], "LastUpdatedTime") {
		at, err := time.Parse(time.RFC3339, from[1])
		if err != nil {
			panic(err)
		}
		first = int(at.Sub(e.born) / time.Second)
	}
	position, _ := strconv.Atoi(form[4])
	size, _ := strconv.Atoi(form[5])
	first += position - 1
	var b strings.Builder
	for n := first; n < min(first+size, e.counts[form[2]]); n++ {
		if b.Len() > 0 {
			b.WriteByte(',')
		}
		e.row(&b, form[2], n)
	}
	return &said{status: 200, body: `{"QueryResponse":{"` + form[2] + `":[` + b.String() + `]},"time":"` + stamp() + `"}`}
}

func (e *endless) row(b *strings.Builder, entity string, n int) {
	fmt.Fprintf(b, `{"Id":"%d","SyncToken":"0","MetaData":{"LastUpdatedTime":%q},"CustomerRef":{"value":"%d"},"TxnStatus":"Pending","DisplayName":"Customer %d","Line":[`,
		n+1, e.born.Add(time.Duration(n)*time.Second).Format(time.RFC3339), n%20_000+1, n)
	for i := range 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, `{"Id":"%d","Amount":12.50,"DetailType":"SalesItemLineDetail","Description":"twenty characters of text","SalesItemLineDetail":{"ItemRef":{"value":"7","name":"An item"},"Qty":1,"UnitPrice":12.5}}`, i)
	}
	b.WriteString(`]}`)
}

// 20,000 customers and 50,000 documents are looked at within 48 MiB, notes and all.
func TestLookInMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &endless{counts: map[string]int{"Customer": 20_000, "Estimate": 20_000, "Invoice": 25_000, "CreditMemo": 5_000},
			born: time.Now().AddDate(-1, 0, 0).UTC()}
		s := newShop(t)
		s.answer = e.serve
		c := open(t, s)
		c.look()
		if n := len(c.told(record.Document)); n != 50_000 {
			t.Errorf("%d documents told", n)
		}
		if e.most == 0 || e.most > 48<<20 {
			t.Errorf("%d MiB in use", e.most>>20)
		}
		size := 0
		for _, note := range c.notes.Kept {
			size += len(note)
		}
		if size > 4<<20 {
			t.Errorf("notes of %d bytes", size)
		}
	})
}
