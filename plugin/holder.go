package plugin

import (
	"fmt"
	"strings"
	"time"
)

// Holder is who holds a lock, as far as that is known: whoever holds it said so, which
// is for people to read, and for nothing to rely on. The zero value is nobody known.
type Holder struct {
	PID   int       `json:"pid,omitempty"`
	User  string    `json:"user,omitempty"`
	Host  string    `json:"host,omitempty"`
	Since time.Time `json:"since,omitzero"`
}

// IsZero reports whether nothing is known.
func (h Holder) IsZero() bool { return h == Holder{} }

// String is "pid 4711, alice on build-3, since 2026-01-02 15:04:05 UTC"; "" where nothing
// is known.
func (h Holder) String() string {
	var words []string
	if h.PID > 0 {
		words = append(words, fmt.Sprintf("pid %d", h.PID))
	}
	who := h.User
	if h.Host != "" {
		who = strings.TrimSpace(who + " on " + h.Host)
	}
	if who != "" {
		words = append(words, who)
	}
	if !h.Since.IsZero() {
		words = append(words, "since "+h.Since.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	return strings.Join(words, ", ")
}
