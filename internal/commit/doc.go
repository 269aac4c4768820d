// Package commit changes what names in a directory stand for: many at once, all of
// them or none, whatever is killed, unplugged or full. It locks the directory, writes
// a journal, exchanges folders, keeps what was replaced so that it can be put back, and
// finishes or undoes what a crash left.
//
// It knows paths and digests alone, and takes only trees that it has itself made
// durable (see [Durable]). It is not for plugins, versions, packages and networks
// (package apply), nor for what a tree should hold.
package commit
