package connectors

import "context"

// Pictures is a source whose records have pictures. A field of such a record shows the picture's SHA-256 in lower-case hexadecimal
// digits, by which its bytes are asked for: the same bytes have the same name, whatever file they come from.
type Pictures interface {
	// Picture gives the bytes of a picture by their SHA-256; nil where there is none any more.
	Picture(ctx context.Context, sha256 string) ([]byte, error)
}
