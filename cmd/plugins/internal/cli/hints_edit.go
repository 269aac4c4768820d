package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/project"
	"github.com/plugins-hcl/plugins/source"
)

// hintEdit is for what a command line asks to be declared.
func hintEdit(err error) string {
	var (
		declared *project.DeclaredError
		name     *project.NeedsNameError
		notFound *project.NotFoundError
		changed  *project.ChangedMeanwhileError
		hand     *config.NotEditableError
		missing  *config.NotDeclaredError
		invalid  *config.InvalidPluginError
		index    *source.NoIndexError
	)
	switch {
	case errors.As(err, &declared) && declared.Other != "":
		return "To take it from elsewhere, change the source in its block; to have both, give the new one another name with --name."
	case errors.As(err, &declared):
		return fmt.Sprintf("To take its newest version: plugins lock --upgrade=%s\nTo allow another one: plugins add '%s@CONSTRAINT'", declared.Plugin, declared.Plugin)
	case errors.As(err, &name):
		return "Say what it is to be called: --name NAME"
	case errors.As(err, &notFound):
		return notFoundHint(notFound)
	case errors.As(err, &changed):
		return "Look at what it is now, and run it again."
	case errors.As(err, &hand):
		return "Change the file by hand, and run: plugins lock"
	case errors.As(err, &missing):
		return "What is declared: plugins list"
	case errors.As(err, &invalid) && strings.Contains(invalid.Plugin.Source, "${version}") && invalid.Plugin.Version == "":
		return "Say which version: plugins add 'ADDRESS@1.2.3'"
	case errors.As(err, &index):
		return "Ask for a plugin by its name: plugins info NAME"
	case errors.Is(err, project.ErrNoRegistry):
		return "Declare one:\n  registry \"NAME\" { url = \"https://…\" }"
	}
	return ""
}

// notFoundHint names what may be meant.
func notFoundHint(e *project.NotFoundError) string {
	switch {
	case len(e.Elsewhere) > 0:
		return "Another registry has it: " + strings.Join(e.Elsewhere, " or ")
	case len(e.Near) > 0:
		return "There are: " + strings.Join(e.Near, ", ")
	}
	return "Look for it with: plugins search TEXT"
}
