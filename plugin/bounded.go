package plugin

import (
	"fmt"
	"io"
)

// TooLargeError says that something holds more bytes than it may.
type TooLargeError struct{ Max int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("it is larger than %s", Size(e.Max))
}

// ReadAtMost reads r to its end, which must come within max bytes: what is read may
// be written by anybody. That it does not is a [*TooLargeError].
func ReadAtMost(r io.Reader, max int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, max+1))
	if err == nil && int64(len(data)) > max {
		return nil, &TooLargeError{Max: max}
	}
	return data, err
}
