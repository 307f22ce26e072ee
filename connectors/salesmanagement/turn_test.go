package salesmanagement_test

import "syncbox/connectors/rest/resttest"

// turn breaks so many calls, below 0 all.
func turn(count int) resttest.Turn { return resttest.Turn{Count: count} }
