// Package access reaches documents and packages: through mirrors, with credentials,
// within the policy, from the cache, within limits. Whoever wants bytes asks it, and
// gets those whose digest is right, or none.
//
// It owns packages fetch, store and staging, and hides their types. It is not for
// knowing what a registry is, or which documents there are (package source).
package access
