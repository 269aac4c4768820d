// Package config reads plugins.hcl: which plugins are wanted, from where, and by
// which rules. It is the only package that knows the configuration's HCL, and
// everything it returns says where in a file it was written.
//
// It reads the project's file and, beside it, the user's own file, which may
// only say how to reach what the project names (mirrors and credentials).
//
// It is not for choosing versions (package resolve), not for the lock file's
// syntax (package lock), and it never writes a file. The environment is read
// through [Options.Env] alone, and only where the configuration calls env().
package config
