//go:build !linux

package scripttest

import "errors"

func mountDisk(string, string) error { return errors.ErrUnsupported }
func mountReadOnly(string) error     { return errors.ErrUnsupported }
func unmountDisk(string) error       { return errors.ErrUnsupported }
func canMount() bool                 { return false }
