package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/project"
)

// restore is rollback --to.
func (a *app) restore(ctx context.Context, flags rollbackFlags) error {
	p, err := a.open(flags.lockTimeout)
	if err != nil {
		return err
	}
	a.left = "Nothing was changed in " + p.ShownDir + "."
	o := project.RestoreOptions{Download: flags.download}
	made, err := p.PlanRestore(ctx, flags.to, o)
	if err != nil {
		return err
	}
	if err := made.Err(); err != nil {
		return err
	}
	if made.Empty() {
		if a.stream == nil && !a.flags.quiet {
			_, err = fmt.Fprintf(a.stdout, "%s is what set %d was already.\n", ui.Line(p.ShownDir), flags.to)
		}
		a.summary.Keep = made.Summary.Keep
		return err
	}
	if a.stream == nil && (!flags.autoApprove || !a.flags.quiet) {
		if _, err := fmt.Fprintf(a.stdout, "Back to set %d of plugins history.\n%s", flags.to, a.planned(p, made, "")); err != nil {
			return err
		}
	}
	if !flags.autoApprove {
		if err := a.ask(ctx, fmt.Sprintf("Do you want to go back to set %d?", flags.to)); err != nil {
			return err
		}
	}
	if err := a.stream.Err(); err != nil {
		return err
	}
	began := time.Now()
	result, failed := p.Restore(ctx, flags.to, made, o)
	defer a.afterwards(failed)
	if result == nil {
		return failed
	}
	a.view.Close()
	a.left = ""
	done := a.outcomeOf("Rollback", result, began)
	a.summary.add(done)
	if err := errors.Join(failed, a.showDone(done)); err != nil {
		return err
	}
	a.sayStillAsked(ctx, p)
	return nil
}

// hintHistory is for a set that is not there, or whose packages are not.
func hintHistory(err error) string {
	var none *project.NoSetError
	var missing *project.MissingPackagesError
	switch {
	case errors.As(err, &none):
		return "See which there are: plugins history"
	case errors.As(err, &missing) && missing.Downloadable():
		return fmt.Sprintf("Fetch them with: plugins rollback --to %d --download", missing.ID)
	case errors.As(err, &missing):
		return "Take the lock file of that time, and what it names, from version control, then run: plugins apply"
	}
	return ""
}
