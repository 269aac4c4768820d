// Package project is a plugins.hcl and all that can be done with it: lock, plan,
// apply, roll back, recover, verify, list and mirror. It is the whole way from the
// configuration to the plugin directory as one value, for any Go program.
//
// What the configuration demands holds for whoever opens it: its policy, signatures,
// mirrors and credentials, those of the user's own file included, are this package's
// business, and nothing here goes past them.
//
// It is not for flags, questions and printing, which are a program's own: results
// are values, and what happens on the way is told to [Options.Observe].
package project
