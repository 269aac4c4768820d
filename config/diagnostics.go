package config

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// DiagnosticsError is everything that is wrong with a configuration, not the first
// thing only. Nothing of it shows a secret.
type DiagnosticsError struct {
	Diags hcl.Diagnostics // errors and warnings, by file and place
	// Files are what the diagnostics are about, with secrets replaced. The diagnostics'
	// lines and columns are those of the files as they are, their offsets are into these.
	Files map[string]*hcl.File
}

// Error has one line a diagnostic: "plugins.hcl:3: summary; detail".
func (e *DiagnosticsError) Error() string {
	var lines []string
	for _, d := range e.Diags {
		if d.Severity == hcl.DiagError {
			lines = append(lines, oneLine(d))
		}
	}
	return strings.Join(lines, "\n")
}

func oneLine(d *hcl.Diagnostic) string {
	text := d.Summary
	if d.Detail != "" {
		text += "; " + d.Detail
	}
	if d.Subject != nil {
		text = position(*d.Subject).String() + ": " + text
	}
	return strings.Join(strings.Fields(text), " ")
}

// WriteText renders the diagnostics with the lines they are about, wrapped at width
// columns (0: not wrapped).
func (e *DiagnosticsError) WriteText(w io.Writer, width uint, color bool) error {
	return hcl.NewDiagnosticTextWriter(w, e.Files, width, color).WriteDiagnostics(e.Diags)
}

// newDiagnosticsError is nil where diags hold no error.
func newDiagnosticsError(diags hcl.Diagnostics, files map[string]*hcl.File) error {
	if !diags.HasErrors() {
		return nil
	}
	diags, files = withoutSecrets(diags, files)
	return &DiagnosticsError{Diags: diags, Files: files}
}

// tidy sorts diagnostics by their place, since HCL finds attributes in a map's
// order, and takes from them what would print the values of variables: any of
// them may be a token.
func tidy(diags hcl.Diagnostics) hcl.Diagnostics {
	out := make(hcl.Diagnostics, 0, len(diags))
	for _, d := range diags {
		clean := *d
		clean.Detail = discreetDetail(d)
		clean.Expression, clean.EvalContext, clean.Extra = nil, nil, nil
		out = append(out, &clean)
	}
	// The project's file was read before the user's.
	rank := map[string]int{}
	place := func(d *hcl.Diagnostic) (file, offset int) {
		if d.Subject == nil {
			return 0, 0
		}
		if _, ok := rank[d.Subject.Filename]; !ok {
			rank[d.Subject.Filename] = len(rank) + 1
		}
		return rank[d.Subject.Filename], d.Subject.Start.Byte
	}
	for _, d := range out {
		place(d)
	}
	slices.SortStableFunc(out, func(a, b *hcl.Diagnostic) int {
		fileA, offsetA := place(a)
		fileB, offsetB := place(b)
		return cmp.Or(cmp.Compare(fileA, fileB), cmp.Compare(offsetA, offsetB))
	})
	return out
}

// discreetDetail is the detail of a diagnostic without what it quotes of values.
func discreetDetail(d *hcl.Diagnostic) string {
	if d.Expression != nil && strings.HasPrefix(d.Summary, "Duplicate object") {
		// The one message of HCL's own that quotes a value; see the tests.
		return "Two items of the object have the same key."
	}
	return d.Detail
}

func position(r hcl.Range) plugin.Pos {
	return plugin.Pos{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column}
}

// fail records an error.
func (d *decoder) fail(subject hcl.Range, summary, format string, args ...any) {
	d.diags = append(d.diags, &hcl.Diagnostic{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &subject,
	})
}

// warn records a warning.
func (d *decoder) warn(subject hcl.Range, summary, format string, args ...any) {
	d.diags = append(d.diags, &hcl.Diagnostic{
		Severity: hcl.DiagWarning, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &subject,
	})
}

// reject records that a value is not acceptable, without showing one that comes
// from the environment.
func (d *decoder) reject(s text, summary string, err error) {
	d.fail(s.rng, summary, "%s", sentence(s.hide(err.Error())))
}

// sentence makes a message of ours or of a library a sentence of a detail.
func sentence(s string) string {
	if s == "" {
		return s
	}
	if 'a' <= s[0] && s[0] <= 'z' {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}

// didYouMean is ` Did you mean "x"?` for the nearest of the names, "" where none is
// near.
func didYouMean(given string, names []string) string {
	if near := plugin.Nearest(given, names); near != "" {
		return " Did you mean " + strconv.Quote(near) + "?"
	}
	return ""
}

// quoted is `"a", "b" and "c"`.
func quoted(names []string) string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = strconv.Quote(name)
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}
