package plugin

import "fmt"

// Host is the program that loads the plugins. One without a version is not known,
// and rules nothing out.
type Host struct {
	Name    string
	Version Version
}

// TooOld says in words that h is older than the oldest host that a plugin runs on;
// "" if it is not, or if either is not known.
func (h Host) TooOld(oldest Version) string {
	if h.Version.IsZero() || oldest.Compare(h.Version) <= 0 {
		return ""
	}
	return fmt.Sprintf("it needs %s %s or newer, and the configuration says %s", h.Name, oldest, h.Version)
}
