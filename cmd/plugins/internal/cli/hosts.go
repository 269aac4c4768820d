package cli

import (
	"context"
	"errors"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/cmd/plugins/internal/ui"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// hostSummary is what a summary tells of the host, where on_change or health was run, or
// is to be.
type hostSummary struct {
	OnChange   string `json:"on_change,omitempty"` // "done", "failed" or "owed"
	Health     string `json:"health,omitempty"`    // "healthy" or "unhealthy"
	TurnedBack bool   `json:"turned_back,omitempty"`
}

// observeHost keeps for the summary how what is run after a change ended.
func (a *app) observeHost(e plugin.Event) {
	s := &a.host
	outcome := func(err error, good, bad string) string {
		if err != nil {
			return bad
		}
		return good
	}
	switch e := e.(type) {
	case plugin.OnChangeEvent:
		if e.Done {
			s.OnChange = outcome(e.Err, "done", "failed")
		}
	case plugin.HealthEvent:
		s.Health = outcome(e.Err, "healthy", "unhealthy")
	case plugin.TurnBackEvent:
		s.TurnedBack = true
	}
}

// afterwards tells what an error of what is run after a change left as it was.
func (a *app) afterwards(err error) {
	var owed *project.OwedError
	var change *project.OnChangeError
	var unwell *project.UnhealthyError
	var back *project.TurnedBackError
	errors.As(err, &back)
	switch {
	case back != nil && errors.As(back.After, &owed):
		a.left = "What was there before is there again, and the host is still to be told: the next apply does that."
		a.host.OnChange = "owed"
	case errors.As(err, &owed):
		a.left = "The plugins are changed, and the host is still to be told: the next apply does that."
		a.host.OnChange = "owed"
	case back != nil:
		a.left = ""
		a.host.TurnedBack = back.Err == nil
	case errors.As(err, &change), errors.As(err, &unwell):
		a.left = "The plugins stay as they are now."
	}
}

// hintHost is for what is run after a change.
func hintHost(err error) string {
	var change *project.OnChangeError
	var unwell *project.UnhealthyError
	var back *project.TurnedBackError
	var refused *project.RefusedLockError
	var none *project.NoProgramError
	var unusable *apply.HostError
	switch {
	case errors.Is(err, context.Canceled):
		return ""
	case errors.As(err, &refused):
		return "Lock other versions: plugins lock --upgrade, or restore the lock file from version control.\nIf it was not their fault, try them again: plugins apply --retry"
	case errors.As(err, &back) && back.Err == nil:
		return "Apply refuses this lock file from now on. Lock other versions, or try it again: plugins apply --retry"
	case errors.As(err, &back):
		return "Look at what there is: plugins history"
	case errors.As(err, &none):
		return "Install it, or write it with its path: one with a slash is relative to plugins.hcl.\nWhere there is no host to tell, let the command be null: nothing is run then."
	case errors.As(err, &change):
		return "Run it by hand to see why. The next apply runs it again: plugins apply"
	case errors.As(err, &unwell):
		return "If the plugins are to blame, go back to an earlier set: plugins history"
	case errors.As(err, &unusable):
		return "Tell the host that its plugins may have changed, then remove the file: rm " + ui.Line(quoted(unusable.Path))
	}
	return ""
}
