package quickbooks

// Tokens is the one place of a connection's tokens; the box gives it, encrypted and of its own file. One
// process has one writer for each: values that are equal by == share a lock, so it is a pointer or another
// comparable value.
type Tokens interface {
	Load() ([]byte, error) // nil, nil: never connected
	Save([]byte) error     // durable (written aside, synced, renamed) when it returns nil
}
