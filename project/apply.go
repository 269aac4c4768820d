package project

import (
	"context"
	"errors"
	"fmt"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// ApplyOptions says how to apply.
type ApplyOptions struct {
	KeepGoing bool // plugins that fail are left, the others go on
	Retry     bool // a lock that the host was not well with is tried again
}

// Apply makes the plugin directory what the lock says: all of it, or nothing. It locks
// the directory, recovers what an interrupted apply left, makes the plan again and
// holds approved against it, which is what [Project.Plan] or [plan.Parse] gave and
// somebody agreed to; that the two differ is a [*plan.StaleError]. Nil agrees to
// whatever there is to do.
//
// After that, and after an earlier apply that did not get so far, on_change and health of
// the configuration are run: that they fail is an [*OnChangeError], or, where all was
// undone because of it, a [*TurnedBackError]; an interrupt before they have ended is an
// [*OwedError]. For what is refused before anything is changed, see [Project.MayApply].
//
// A result beside an error tells what was changed all the same: with KeepGoing, what
// did not fail.
func (p *Project) Apply(ctx context.Context, approved *plan.Plan, o ApplyOptions) (out *apply.Result, err error) {
	if err := p.Configured(); err != nil {
		return nil, err
	}
	reach, err := p.access()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	if !o.KeepGoing {
		if err := p.missing(ctx, reach, nil); err != nil {
			return nil, err
		}
	}
	session, err := apply.Open(ctx, p.PluginDir, apply.Options{
		Access: reach, LockTimeout: p.options.LockTimeout, KeepGoing: o.KeepGoing, Owes: p.owes(), Observe: p.options.Observe,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, session.Close()) }()
	if err := p.settleEarlier(ctx, session, o); err != nil {
		return nil, err
	}
	in, err := p.planInput(ctx)
	if err != nil {
		return nil, err
	}
	result, err := session.Apply(ctx, in, approved)
	if result == nil {
		return nil, err
	}
	err = errors.Join(err, p.lookAgain(context.WithoutCancel(ctx), result))
	return p.settled(ctx, session, result, err)
}

// settleEarlier does what an earlier apply owes the host, and finds out whether this one
// may go on. Where it changes something, that the host is not well with what is there is
// no reason not to.
func (p *Project) settleEarlier(ctx context.Context, s *apply.Session, o ApplyOptions) error {
	err := p.settle(ctx, s, true)
	if errors.As(err, new(*OwedError)) || errors.As(err, new(*apply.HostError)) {
		return err
	}
	if h, hostErr := s.Host(); hostErr == nil && err == nil && h.IsZero() && !p.owes() {
		return nil
	}
	made, planErr := p.Plan(ctx)
	switch {
	case planErr != nil:
		return errors.Join(err, planErr)
	case err != nil && (made.Empty() || made.Refused != nil && !o.Retry):
		return err
	case err != nil:
		p.options.Observe.Tell(plugin.WarningEvent{Message: "of an earlier apply: " + err.Error()})
	}
	return p.MayApply(made, o)
}

// settled does what the changes of a result owe the host. What was undone because of that
// is not in the result any more, which is nil then.
func (p *Project) settled(ctx context.Context, s *apply.Session, result *apply.Result, err error) (*apply.Result, error) {
	if len(result.Done) == 0 {
		return result, err
	}
	if !p.owes() {
		return result, errors.Join(err, forgetHost(s))
	}
	after := p.settleNow(ctx, s)
	var back *TurnedBackError
	if errors.As(after, &back) && back.Err == nil {
		result = nil
	}
	return result, errors.Join(err, after)
}

// forgetHost drops what is known of a host that is not to be told of anything any more: what
// it once did not come up with is not what is there now.
func forgetHost(s *apply.Session) error {
	h, err := s.Host()
	if err != nil || h.IsZero() {
		return err
	}
	return s.SetHost(apply.Host{})
}

// Missing tells, with [Options.Offline], which packages that a plan needs are not on this
// machine: all of them. The error joins a [*plugin.Error] for each; without the option it
// is nil. [Project.Apply] refuses to begin with the same error; this is to say so before
// somebody is asked.
func (p *Project) Missing(ctx context.Context, made *plan.Plan) (err error) {
	reach, err := p.access()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reach.Close()) }()
	return p.missing(ctx, reach, made)
}

// missing is Missing for a plan that is made if it is nil.
func (p *Project) missing(ctx context.Context, reach *access.Access, made *plan.Plan) (err error) {
	if !p.options.Offline {
		return nil
	}
	if made == nil {
		if made, err = p.Plan(ctx); err != nil {
			return nil // under the directory's lock it is made again
		}
	}
	if made.Interrupted || made.Owes() {
		return nil // what comes first may leave nothing to do
	}
	var wanted []access.Wanted
	for _, c := range made.Changes {
		if c.Action != plan.Remove {
			wanted = append(wanted, access.Wanted{Requirement: c.Requirement, Package: c.Package})
		}
	}
	return reach.Missing(ctx, wanted)
}

// ChangedAtOnceError says that what an apply did is not there when it looks again.
type ChangedAtOnceError struct {
	Done plan.Change
	Left plan.Action // that the next apply would take
}

func (e *ChangedAtOnceError) Error() string {
	return fmt.Sprintf("%s: the %s was made, but something changed it at once: the next apply would %s it",
		e.Done.Name, e.Done.Action, e.Left)
}

// lookAgain makes sure that what is reported as done is what is there.
func (p *Project) lookAgain(ctx context.Context, result *apply.Result) error {
	if len(result.Done) == 0 {
		return nil
	}
	after, err := p.Plan(ctx)
	if err != nil {
		return fmt.Errorf("looking at the plugin directory after the apply: %w", err)
	}
	for _, done := range result.Done {
		for _, left := range after.Changes {
			if left.Name == done.Name {
				return &ChangedAtOnceError{Done: done, Left: left.Action}
			}
		}
	}
	return nil
}
