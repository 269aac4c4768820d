// Package citest holds what docs/ci.md says against what there is: the hooks against
// pre-commit, the action and the jobs against the shell that runs them, the preset
// against what plugins.hcl may say.
package citest
