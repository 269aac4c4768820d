// Package resolve chooses one version of each plugin: what is locked already
// while that is allowed, else the newest. Where none fits it tells why, in words.
//
// It is not for finding packages or digests (package pin), and knows no format
// and no protocol.
package resolve
