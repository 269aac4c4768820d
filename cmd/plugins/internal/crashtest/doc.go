// Package crashtest holds the tests that kill, unplug and starve an apply, and
// look at what is left. docs/reliability.md tells what they show and how to run all
// of them; plain "go test" runs a sample.
//
// It holds nothing but tests.
package crashtest
