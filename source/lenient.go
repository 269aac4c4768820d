package source

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// lenient is a JSON object of which what is not as expected counts as not there: one
// wrong field of those that people read shall not hide the others.
type lenient map[string]json.RawMessage

// What people read is cut there: a text, and the number of things in a list.
const (
	maxText = 2000
	maxList = 200
)

func (l lenient) into(key string, v any) bool {
	raw, ok := l[key]
	return ok && string(raw) != "null" && json.Unmarshal(raw, v) == nil
}

func (l lenient) text(key string) string {
	var s string
	l.into(key, &s)
	return cut(s)
}

// texts are those in a list; what is none is left out.
func (l lenient) texts(key string) []string {
	var raw []json.RawMessage
	l.into(key, &raw)
	out := []string{}
	for _, item := range raw[:min(len(raw), maxList)] {
		var s string
		if json.Unmarshal(item, &s) == nil && s != "" {
			out = append(out, cut(s))
		}
	}
	return out
}

func (l lenient) version(key string) plugin.Version {
	v, _ := plugin.ParseVersion(l.text(key))
	return v
}

func cut(s string) string {
	s = strings.TrimSpace(s)
	if len(s) <= maxText {
		return s
	}
	return strings.ToValidUTF8(s[:maxText], "") + "…"
}

// Capability is one kind of what a plugin can do, as its manifest says it.
type Capability struct {
	Kind  string   `json:"kind"`  // "stepTypes"
	Names []string `json:"names"` // of which; none where it just can
}

// capabilities are those of an object that lists them by kind; what a plugin cannot do
// is left out.
func (l lenient) capabilities(key string) []Capability {
	var kinds lenient
	l.into(key, &kinds)
	var out []Capability
	for kind := range kinds {
		c := Capability{Kind: cut(kind), Names: kinds.texts(kind)}
		var can bool
		if kinds.into(kind, &can) && can || len(c.Names) > 0 {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Capability) int { return strings.Compare(a.Kind, b.Kind) })
	return out[:min(len(out), maxList)]
}
