// Manpages writes the manual pages of plugins and its commands, for packages of it:
//
//	go run ./cmd/plugins/internal/manpages DIR
//
// They are made from the help of the commands and nothing else: the same program gives
// the same bytes, whenever and wherever.
package main
