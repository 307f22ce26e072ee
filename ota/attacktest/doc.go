// Package attacktest plays attacks on the updates of a box, each as a test named after it: on a whole box (package update,
// with everything below it), by HTTP from servers that lie, with the stolen keys that an attack has. After each, three
// things must hold: nothing runs or may start that the maker has not published and ordered; the box can still be managed;
// with an honest server it goes on to the newest release.
//
//	go test -v ./ota/attacktest     ends with a table of the attacks and what stopped them
package attacktest
