package wire

// Diagnosis is what support gets of a diag: codes, counts and versions. There is no field in it that could hold a name, an
// address, a value of a record or a secret.
type Diagnosis struct {
	FW      string         `json:"fw"`
	Slot    string         `json:"slot,omitempty"`
	Board   string         `json:"board,omitempty"`
	Cfg     string         `json:"cfg,omitempty"`
	Session uint64         `json:"session"`
	Up      int64          `json:"up"`  // seconds
	RSS     int64          `json:"rss"` // this and the next two: KiB
	Free    int64          `json:"free"`
	Total   int64          `json:"total"`
	Codes   []string       `json:"codes"`
	Jobs    []JobDiagnosis `json:"jobs"`
	Outbox  int            `json:"outbox_dropped,omitempty"`
	// Journal are the codes of the newest events, the newest first, as many as there is room for.
	Journal []Happened `json:"journal"`
}

// JobDiagnosis is one job, told by its number from 1 on in the order of the configuration.
type JobDiagnosis struct {
	N       int            `json:"n"`
	Pair    string         `json:"pair,omitempty"`    // of products: "quickbooks-centrixone"
	Service string         `json:"service,omitempty"` // an engine.Service
	Down    string         `json:"down,omitempty"`    // health code of why it does not run
	ToCRM   WayDiagnosis   `json:"to_crm"`
	ToERP   WayDiagnosis   `json:"to_erp"`
	Waiting map[string]int `json:"waiting,omitempty"`  // of each store.WaitKind, how many
	LastEnd int64          `json:"last_end,omitempty"` // Unix seconds
	Resync  bool           `json:"resync,omitempty"`
}

// WayDiagnosis is one direction of a job.
type WayDiagnosis struct {
	Outcome string `json:"outcome,omitempty"` // an engine.Outcome
	Code    string `json:"code,omitempty"`
	LastOK  int64  `json:"last_ok,omitempty"` // Unix seconds
}

// Happened is an event of a journal by its code.
type Happened struct {
	At   int64  `json:"at"` // Unix seconds
	Code string `json:"code"`
}

// Page is a part of a journal, for an order of the op journal with {"job":"acomba","from":1,"limit":50}: from the event of
// a number on, the oldest first.
type Page struct {
	Events []PageEvent `json:"events"`
	Next   uint64      `json:"next"` // number to ask for next
	More   bool        `json:"more"` // there may be more from there on
}

// PageEvent is an event without what could be the customer's: of the values in its words only those are told that are
// counts, codes and ids.
type PageEvent struct {
	Seq       uint64            `json:"seq"`
	At        int64             `json:"at"`  // Unix seconds
	Severity  string            `json:"sev"` // a store.Severity
	Code      string            `json:"code"`
	Direction string            `json:"dir,omitempty"` // a store.Direction
	Entity    string            `json:"entity,omitempty"`
	ERP       string            `json:"erp,omitempty"` // the record's key
	CRM       string            `json:"crm,omitempty"`
	Args      map[string]string `json:"args,omitempty"`
}
