// Package bundle is what is published of one release, and how it is named: a payload that makes a slot image
// (whole, or from the image of the slot that runs), the list of its windows, and the manifest that stands as
// the "custom" field of the payload's entry in the signed targets (TUF 1.0, https://theupdateframework.github.io/specification/v1.0.33/).
//
// Everything is a static file. Names of targets:
//
//	1.4.0/arm64/full           payload: the slot image, compressed
//	1.4.0/arm64/full.windows   its window list
//	1.4.0/arm64/1.3.2          payload: makes the slot image out of that of 1.3.2
//	1.4.0/arm64/1.3.2.windows  its window list
package bundle
