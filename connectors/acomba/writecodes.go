package acomba

import (
	"errors"

	"syncbox/connectors"
	"syncbox/connectors/acomba/layout"
)

// Why the mode direct hands changes to a person instead, besides CodeLayoutUnknown and CodeExclusive; see
// Writer.WhyHandoff.
const (
	CodeLayoutNotWritable = "layout-not-writable"   // the layout is not calibrated for writing
	CodeProbesNotPassed   = "probes-not-passed"     // some probe failed in this cycle
	CodeOutsideWindow     = "outside-write-window"  // the site writes at other hours
	CodeWriteTestMissing  = "write-test-missing"    // no technician has confirmed a write test
	CodeWriteTestStale    = "write-test-stale"      // layout, version or path changed since
	CodeReadback          = "write-readback-failed" // a card did not read back as written (kind Drift)
)

// What can become of a write or of the hand-off file.
const (
	CodeCardLocked     = "card-locked"      // Busy: another station holds the card
	CodeCardLockedLong = "card-locked-long" // Busy: it has for more cycles than write.lock.attempts
	CodeCardChanged    = "card-changed"     // Busy: it is not what the plan was made on
	CodeWriteLimit     = "write-limit"      // Busy: max_writes_per_cycle is reached
	CodeHalfWritten    = "card-half-written"
	CodeNotPrepared    = "write-not-prepared"
	CodeNotWritable    = "field-not-writable"
	CodeTooLong        = "value-too-long"
	CodeCodePage       = "value-not-in-code-page"
	CodeNoSlot         = "value-no-slot"
	CodeNotShown       = "value-not-shown" // Acomba's card would show another value than the wanted one
	CodeNumberMissing  = "number-missing"
	CodeNumberTaken    = "number-taken"
	CodeNoCreate       = "create-not-possible"

	CodeHandoffBusy   = "handoff-file-busy"
	CodeHandoffFolder = "handoff-folder-missing"

	CodeTestCustomer = "write-test-customer"  // no such customer, or more than one
	CodeTestNotSeen  = "write-test-not-seen"  // the technician's answer is not on the card
	CodeTestNotFound = "write-test-not-found" // Acomba does not find the customer any more
)

// WriteCodes lists every health code that only the writing half gives.
func WriteCodes() []string {
	return []string{
		CodeLayoutNotWritable, CodeProbesNotPassed, CodeOutsideWindow,
		CodeWriteTestMissing, CodeWriteTestStale, CodeReadback,
		CodeCardLocked, CodeCardLockedLong, CodeCardChanged, CodeWriteLimit, CodeHalfWritten, CodeNotPrepared,
		CodeNotWritable, CodeTooLong, CodeCodePage, CodeNoSlot, CodeNotShown, CodeNumberMissing, CodeNumberTaken, CodeNoCreate,
		CodeHandoffBusy, CodeHandoffFolder, CodeTestCustomer, CodeTestNotSeen, CodeTestNotFound,
	}
}

// refused makes the error of a value that a field can't hold. It holds no value.
func refused(field string, err error) *connectors.Error {
	code := CodeNotWritable
	switch {
	case errors.Is(err, layout.ErrTooLong):
		code = CodeTooLong
	case errors.Is(err, layout.ErrCodePage), errors.Is(err, layout.ErrControl):
		code = CodeCodePage
	case errors.Is(err, layout.ErrMissing):
		code = CodeNumberMissing
	}
	return &connectors.Error{Kind: connectors.Rejected, Code: code, Args: map[string]string{"field": field}, Err: err}
}

// refusal makes the error of a value that is refused by a rule of ours.
func refusal(code, field string) *connectors.Error {
	return &connectors.Error{Kind: connectors.Rejected, Code: code, Args: map[string]string{"field": field}}
}
