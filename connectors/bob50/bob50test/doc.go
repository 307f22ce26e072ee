// Package bob50test simulates a company of Sage BOB 50.
package bob50test
