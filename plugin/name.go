package plugin

import (
	"fmt"
	"strings"
)

// MaxNameLength is the longest plugin name, in bytes.
const MaxNameLength = 100

// Name is a plugin's name: the folder it is installed in and, for most hosts,
// the file name of its executable. A Name made by [ParseName] is safe to use as
// one path element on every operating system.
type Name string

// NameError says why a text is no plugin name.
type NameError struct {
	Name string
	Rule string
}

func (e *NameError) Error() string {
	return fmt.Sprintf("%q is not a plugin name: %s", e.Name, e.Rule)
}

// ParseName checks s against ^[a-z0-9]([a-z0-9._-]*[a-z0-9])?$, the length limit
// and the device names of Windows. The error is a [*NameError].
func ParseName(s string) (Name, error) {
	if rule := nameRule(s); rule != "" {
		return "", &NameError{Name: s, Rule: rule}
	}
	return Name(s), nil
}

func nameRule(s string) string {
	switch {
	case s == "":
		return "it is empty"
	case len(s) > MaxNameLength:
		return fmt.Sprintf("it is longer than %d bytes", MaxNameLength)
	}
	for i := range len(s) {
		c := s[i]
		if alphanumeric(c) {
			continue
		}
		if c != '.' && c != '_' && c != '-' {
			return `it may hold only a-z, 0-9, ".", "_" and "-"`
		}
		if i == 0 || i == len(s)-1 {
			return "it must start and end with a letter or a digit"
		}
	}
	if IsWindowsDevice(s) {
		return "it is a device name on Windows"
	}
	return ""
}

func alphanumeric(c byte) bool {
	return 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
}

// IsWindowsDevice reports whether Windows takes the path element s, with any
// extension, for a device: CON, NUL, COM1 and the like.
// Source: "Naming Files, Paths, and Namespaces", Microsoft Learn.
func IsWindowsDevice(s string) bool {
	base, _, _ := strings.Cut(s, ".")
	base = strings.ToUpper(strings.TrimRight(base, " "))
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	digit, ok := strings.CutPrefix(base, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(base, "LPT")
	}
	if !ok {
		return false
	}
	switch digit {
	case "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "¹", "²", "³":
		return true
	}
	return false
}

// namePrefix is what GoCodeAlone's repositories put before a plugin's name.
const namePrefix = "workflow-plugin-"

// SameName reports whether a and b name the same plugin, with or without the
// prefix "workflow-plugin-" on either.
func SameName(a, b string) bool {
	return a != "" && strings.TrimPrefix(a, namePrefix) == strings.TrimPrefix(b, namePrefix)
}

// ShortName is s without the prefix "workflow-plugin-".
func ShortName(s string) string { return strings.TrimPrefix(s, namePrefix) }

// LongName is s with the prefix "workflow-plugin-".
func LongName(s string) string { return namePrefix + ShortName(s) }
