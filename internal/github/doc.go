// Package github speaks to the API of GitHub and of what speaks like it: which releases
// a repository has, and where a file of one is. It sends its requests through what it is
// given, so that mirrors, credentials, the policy and --offline hold for them.
//
// It is not for choosing a version or a file, nor for downloading one.
package github
