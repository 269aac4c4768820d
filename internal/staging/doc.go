// Package staging turns a package into a plugin's tree, ready to be swapped in:
// it gets the package, compares its digest, unpacks it, checks its plugin.json
// and puts the executable in its place.
//
// Locking uses it to look into a package, applying to install one, so that what
// can be locked can be installed. It is not for swapping trees (package apply),
// nor for choosing packages (package pin).
package staging
