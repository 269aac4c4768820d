// Commandref writes docs/reference/commands.md, the reference of the commands:
//
//	go run ./cmd/plugins/internal/commandref >docs/reference/commands.md
//
// It is made from the help of the commands and nothing else, as the manual pages are; its
// test, with -update, writes it as well. That the examples in it work is shown by
// cmd/plugins/internal/doctest.
package main
