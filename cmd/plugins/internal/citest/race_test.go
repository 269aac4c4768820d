//go:build race

package citest

const raced = true
