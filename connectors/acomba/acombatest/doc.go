// Package acombatest simulates a live, multi-user Acomba Desktop company folder.
//
// The on-disk format of the real product is not public. What this package writes is the invented
// reference format "refacomba" in its two profiles, SIM-1 and SIM-2, so that a reader of card files
// has something honest to be tested against. It claims no match with real Acomba files.
//
// [Create] fills a folder from a seed: customers, sales representatives, product groups, products,
// terms, territories, price lists and documents with their lines. A [Company] then behaves as the
// program's users do: typed edits that keep the card's prologue, its sequence and the index files,
// and, on request, everything that goes wrong on a shared folder: torn writes, locks, reindexing,
// restored backups, reused positions, foreign code pages. Its state is read back as typed values,
// straight from the files, so that a test counts on the other side's state.
//
// The package shares no type and no code with the connector that it exercises.
package acombatest
