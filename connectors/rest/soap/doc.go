// Package soap reads and writes the envelopes of SOAP 1.1 (https://www.w3.org/TR/2000/NOTE-SOAP-20000508/), for servers whose
// own descriptions cannot be relied on: names are compared without namespace and case, and an answer is taken as a tree.
//
// Nothing outside the bytes is ever read: entities of the document's own are an error, and depth and size are bounded.
package soap
