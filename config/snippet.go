package config

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// withoutSecrets are diagnostics, and the files they are about, that show no secret: not in
// their texts, nor in the lines that are printed with them.
func withoutSecrets(diags hcl.Diagnostics, files map[string]*hcl.File) (hcl.Diagnostics, map[string]*hcl.File) {
	out := tidy(diags)
	hidden := map[string]*shown{}
	shownFiles := map[string]*hcl.File{}
	for name, f := range files {
		hidden[name] = show(f, name)
		shownFiles[name] = hidden[name].File
	}
	for _, d := range out {
		for _, s := range hidden {
			d.Summary, d.Detail = s.scrub(d.Summary), s.scrub(d.Detail)
		}
		d.Summary, d.Detail = plugin.Redact(d.Summary), plugin.Redact(d.Detail)
		if d.Subject == nil {
			continue
		}
		if s, ok := hidden[d.Subject.Filename]; ok {
			d.Subject, d.Context = s.move(d.Subject), s.move(d.Context)
		}
	}
	return out, shownFiles
}

// minSecret is the length from which a literal is looked for in a message: shorter
// ones are in ordinary words.
const minSecret = 4

func (s *shown) scrub(message string) string {
	for _, secret := range s.secrets {
		if len(secret) >= minSecret {
			message = strings.ReplaceAll(message, secret, plugin.Sensitive)
		}
	}
	return message
}

// shown is a file as its snippets may be shown: tokens, user information and queries
// are replaced, lines stay where they are.
type shown struct {
	*hcl.File
	secrets []string // the literals replaced
	cuts    []span   // of the file as it is; in order, apart, each in one line
}

// show hides what of a file nobody may see. Its syntax may be wrong.
func show(f *hcl.File, filename string) *shown {
	spans := addressSpans(f.Bytes)
	var tokens []span
	if isJSON(filename) {
		tokens = jsonTokens(f.Bytes)
	} else {
		tokens = nativeTokens(f.Bytes, filename)
	}
	s := &shown{}
	for _, t := range tokens {
		s.secrets = append(s.secrets, string(f.Bytes[t.start:t.end]))
	}
	s.cuts = merge(f.Bytes, append(spans, tokens...))
	var b bytes.Buffer
	done := 0
	for _, c := range s.cuts {
		b.Write(f.Bytes[done:c.start])
		b.WriteString(plugin.Sensitive)
		done = c.end
	}
	b.Write(f.Bytes[done:])
	s.File = &hcl.File{Bytes: b.Bytes(), Nav: nav{of: f.Nav, shown: s}}
	return s
}

// merge sorts spans, joins those that overlap, and cuts them at the ends of lines.
func merge(src []byte, spans []span) []span {
	var lines []span
	for _, s := range spans {
		for s.start < s.end {
			end := s.end
			if i := bytes.IndexByte(src[s.start:s.end], '\n'); i >= 0 {
				end = s.start + i
			}
			if end > s.start {
				lines = append(lines, span{s.start, end})
			}
			s.start = end + 1
		}
	}
	slices.SortFunc(lines, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end)) })
	var out []span
	for _, s := range lines {
		if n := len(out); n > 0 && s.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, s.end)
			continue
		}
		out = append(out, s)
	}
	return out
}

// offset is where a byte of the file as it is stands in what is shown; one that is
// not shown stands where its replacement starts, or ends.
func (s *shown) offset(at int, end bool) int {
	moved := 0
	for _, c := range s.cuts {
		switch {
		case at <= c.start:
			return at + moved
		case at < c.end && end:
			return c.start + moved + len(plugin.Sensitive)
		case at < c.end:
			return c.start + moved
		}
		moved += len(plugin.Sensitive) - (c.end - c.start)
	}
	return at + moved
}

// original is the inverse of offset.
func (s *shown) original(at int) int {
	for _, c := range s.cuts {
		if at <= c.start {
			return at
		}
		at = max(c.start, at+(c.end-c.start)-len(plugin.Sensitive))
	}
	return at
}

func (s *shown) move(r *hcl.Range) *hcl.Range {
	if r == nil {
		return nil
	}
	moved := *r
	moved.Start.Byte, moved.End.Byte = s.offset(r.Start.Byte, false), s.offset(r.End.Byte, true)
	return &moved
}

// nav answers HCL's question in which block a byte stands.
type nav struct {
	of    any
	shown *shown
}

// ContextString is called by HCL's writer of diagnostics.
func (n nav) ContextString(offset int) string {
	if of, ok := n.of.(interface{ ContextString(int) string }); ok {
		return plugin.Redact(n.shown.scrub(of.ContextString(n.shown.original(offset))))
	}
	return ""
}
