//go:build !unix

package scripttest

import (
	"errors"

	"github.com/rogpeppe/go-internal/testscript"
)

func cmdOwners(*testscript.TestScript, []string) error { return errors.ErrUnsupported }
func cmdChown(*testscript.TestScript, []string) error  { return errors.ErrUnsupported }
