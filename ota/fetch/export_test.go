package fetch

// What the tests of the product's own transport know of it.
var OwnTransport = ownTransport

const MaxAhead = maxAhead
