// Package wfctl reads the files of wfctl, the tool that many come from: wfctl.yaml
// (which plugins), .wfctl-lock.yaml (which versions), .wfctl.yaml (which registries), and
// a plugin directory that it filled. It reads them as wfctl itself does, and notes what
// it finds there and nothing here stands for.
//
// It is not for asking registries, nor for deciding what becomes of it all: what it
// gives is a description. It writes nothing.
package wfctl
