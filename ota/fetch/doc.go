// Package fetch gets the files of a release: from update servers by HTTP, or from a folder such as a USB stick. Both
// hold the same files under the same names:
//
//	metadata/timestamp.json, metadata/3.root.json, …
//	targets/1.4.0/arm64/HASH.full, …
//
// Nothing that comes from here is trusted: whoever asks bounds the length, and checks signature or hash. What this package
// owes is an end: an answer that stalls, drips, lies about its length or never stops becomes an error after a known time, so
// that another server can be asked.
package fetch
