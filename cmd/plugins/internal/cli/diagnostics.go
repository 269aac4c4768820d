package cli

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// diagnostic is one thing that is wrong with a configuration, or that it warns of, in JSON.
type diagnostic struct {
	Severity  string `json:"severity"` // "error" or "warning"
	Summary   string `json:"summary"`
	Detail    string `json:"detail,omitempty"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line,omitempty"`
	Column    int    `json:"column,omitempty"`
	EndLine   int    `json:"end_line,omitempty"`
	EndColumn int    `json:"end_column,omitempty"`
}

func diagnosticsOf(diags hcl.Diagnostics) []diagnostic {
	all := []diagnostic{}
	for _, d := range diags {
		out := diagnostic{Severity: "error", Summary: plugin.Redact(d.Summary), Detail: plugin.Redact(d.Detail)}
		if d.Severity != hcl.DiagError {
			out.Severity = "warning"
		}
		if s := d.Subject; s != nil {
			out.File, out.Line, out.Column = s.Filename, s.Start.Line, s.Start.Column
			out.EndLine, out.EndColumn = s.End.Line, s.End.Column
		}
		all = append(all, out)
	}
	return all
}

// validated is what validate prints as JSON.
type validated struct {
	FormatVersion string       `json:"format_version"`
	Valid         bool         `json:"valid"`
	Plugins       int          `json:"plugins"` // that are declared, if it is valid
	Diagnostics   []diagnostic `json:"diagnostics"`
}

// validatedProject is what there is to say of a configuration that is valid.
func validatedProject(p *project.Project) validated {
	return validated{FormatVersion: "1.0", Valid: true, Plugins: len(p.Config.Plugins), Diagnostics: diagnosticsOf(p.Config.Warnings)}
}
