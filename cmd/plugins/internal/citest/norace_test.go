//go:build !race

package citest

const raced = false
