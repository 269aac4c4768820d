// Package metrics writes what monitoring asks of one plugin directory, in the text
// format of Prometheus, for the textfile collector of its node exporter.
//
// It is not for finding that out (package project), nor for serving it.
package metrics
