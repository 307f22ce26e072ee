package acombatest

// Kind is the raw type of a document.
type Kind uint8

// The kinds; only the invoice's number is the real product's, the others are placeholders.
const (
	Invoice   Kind = 1
	Quote     Kind = 2
	Order     Kind = 3
	OpenOrder Kind = 4
	Contract  Kind = 5
)

// State is the raw state of a document.
type State uint8

// The states.
const (
	StateOpen      State = 0
	StateClosed    State = 1
	StateCancelled State = 2
)

// LineType is the raw type of a document line.
type LineType uint8

// The line types; the comment's number is a placeholder.
const (
	ProductLine LineType = 1
	CommentLine LineType = 2
	FreightLine LineType = 7
	TaxLine     LineType = 8
)

const (
	centScale = 100   // totals are 1/100 $
	unitScale = 10000 // prices and quantities are 1/10000
	// firstExtra is the number of the first freight or tax line; product lines stay below it.
	firstExtra = 991
)

// Document is a card of TRANS.DAT with the lines of its chain. References are card positions.
type Document struct {
	Prologue
	Kind                   Kind
	State                  State
	NumLines               uint16 // all cards of the chain, freight and taxes too
	Number                 string
	Customer, InvoicedTo   int32
	SalesRep               int32
	Date, Due              Date
	Reference, Description string
	Term                   int32
	SubTotal, Freight      int64 // 1/100 $
	Discount               int64 // 1/100 $
	DiscountBP             int32 // percent x 100
	Taxes                  [4]int64
	Total                  int64
	FirstLine              int32
	Source                 int32  // document this one was made from
	Lines                  []Line // not part of the card; nil where a chain could not be followed
}

func (r *Document) visit(c *codec) {
	c.prologue(&r.Prologue)
	c.u8("doc_type", 16, (*uint8)(&r.Kind))
	c.u8("doc_state", 17, (*uint8)(&r.State))
	c.u16("num_lines", 18, &r.NumLines)
	c.text("number", 0, 20, 20, &r.Number)
	c.i32("customer_cp", 40, &r.Customer)
	c.i32("invoiced_to_cp", 44, &r.InvoicedTo)
	c.i32("salesrep_cp", 48, &r.SalesRep)
	c.date("date", 52, &r.Date)
	c.date("due", 56, &r.Due)
	c.text("reference", 0, 60, 30, &r.Reference)
	c.text("description", 0, 90, 60, &r.Description)
	c.i32("term_cp", 150, &r.Term)
	c.amount("sub_total", 0, 154, centScale, &r.SubTotal)
	c.amount("freight", 0, 162, centScale, &r.Freight)
	c.amount("discount", 0, 170, centScale, &r.Discount)
	c.i32("discount_bp", 178, &r.DiscountBP)
	for i := range r.Taxes {
		c.amount("taxes", i, 182, centScale, &r.Taxes[i])
	}
	c.amount("total", 0, 214, centScale, &r.Total)
	c.i32("first_line_cp", 222, &r.FirstLine)
	c.i32("source_cp", 226, &r.Source)
}

// Line is a card of LINES.DAT.
type Line struct {
	Prologue
	Parent, Next            int32
	No                      uint16
	Type                    LineType
	Product                 int32
	SKU, Description        string
	Group                   int32
	OrderedQty, InvoicedQty int64 // 1/10000
	UnitPrice               int64 // 1/10000 $
	DiscountBP              int32
	Total                   int64 // 1/100 $
}

func (r *Line) visit(c *codec) {
	var pad uint8
	c.prologue(&r.Prologue)
	c.i32("parent_cp", 16, &r.Parent)
	c.i32("next_cp", 20, &r.Next)
	c.u16("line_no", 24, &r.No)
	c.u8("type", 26, (*uint8)(&r.Type))
	c.u8("pad", 27, &pad)
	c.i32("product_cp", 28, &r.Product)
	c.text("sku", 0, 32, 30, &r.SKU)
	c.text("description", 0, 62, 90, &r.Description)
	c.i32("group_cp", 152, &r.Group)
	c.amount("ordered_qty", 0, 156, unitScale, &r.OrderedQty)
	c.amount("invoiced_qty", 0, 164, unitScale, &r.InvoicedQty)
	c.amount("unit_price", 0, 172, unitScale, &r.UnitPrice)
	c.i32("discount_bp", 180, &r.DiscountBP)
	c.amount("total", 0, 184, centScale, &r.Total)
}
