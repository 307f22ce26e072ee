// Package peers is our side of the benchmark against other programs that carry changed rows of a CSV file to an
// HTTP service: the sync's own engine and store, with a source that reads such a file and a target that posts to
// a sink. No product needs either today; they are connectors like any other, and small ones.
//
// The file is never trusted by its time stamps: each look reads all of it. It keeps one xxh3-64 hash for each
// block of some 32 KiB of whole rows, and a page with identity and signature of each row. A block whose bytes are
// the accepted ones is stepped over whole; in any other, rows are compared by their identity, not by their place,
// until a row begins a known block again. A row that has become longer or was put in thus costs its own block.
//
// What it leaves out, for being no product: a second look after a quiet time (a new version of the file is
// expected to be renamed into its place), and the brake on a file that has lost many rows.
package peers
