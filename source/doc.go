// Package source tells what exists: which versions of a plugin, and the packages
// of one. Each kind of source (a registry of static files, an https:// template,
// a folder or archive on this machine) is one adapter behind [Source].
//
// It is not for choosing among versions (package resolve), checking packages
// (package pin), or writing to the plugin directory (package apply).
package source
