// Package archive turns a package that was downloaded, or a folder on this
// machine, into a tree of plain files and folders, and says what lies in such a
// tree.
//
// It trusts nothing: an archive is known by its content and refused whole, with
// the entry and the rule, at the first thing that two programs could understand
// differently or that one machine could not hold. What it refuses is a
// [*plugin.RefusedError]; everything else it returns is a failure of this machine.
// The tar, zip, xz and zstd framing is read here, strictly, because the libraries
// read over what must be refused: archive/tar lets a PAX size win silently,
// archive/zip skips what lies between entries, zstd joins frames, and xz takes
// memory as the file says. What is compressed is left to the libraries.
//
// It is not for stripping a top-level folder, finding the executable, making
// anything durable or cleaning up after an error: those are its callers' work.
package archive
