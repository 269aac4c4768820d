package archive

import "strings"

// Option changes how a tree is written; what is listed stays the same.
type Option func(*builder)

// Disguise writes every top-level folder under the name that as gives for it. A
// folder in an archive may look like a plugin to a host that happens to see it
// before its place is known.
func Disguise(as func(name string) string) Option {
	return func(b *builder) { b.disguise = as }
}

// written is the path under which the folder p is written.
func (b *builder) written(p string) string {
	if b.disguise == nil || p == "." {
		return p
	}
	top, rest, nested := strings.Cut(p, "/")
	if !nested {
		return b.disguise(top)
	}
	return b.disguise(top) + "/" + rest
}
