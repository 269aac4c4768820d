// Package installed tells what is in a plugin directory: which plugins this
// program installed there, which of their files changed since, and what is there
// that it did not install.
//
// It changes nothing. Package apply installs and writes the records it reads.
package installed
