package project

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/apply"
	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/command"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// What follows a change is run under the directory's lock: on_change, which tells the
// host, then health, which tells whether the host is well. That it is to be run is durable
// since the change is, so that whoever comes after a crash runs it.

// owes reports whether a change owes the host something. Where the configuration is not
// known, it may.
func (p *Project) owes() bool {
	return p.blind || p.Config.OnChange != nil || p.Config.Health != nil
}

// settle does what the host is owed, maybe by an earlier run. An apply that the host is not
// well with is undone, which the host hears of in its turn.
func (p *Project) settle(ctx context.Context, s *apply.Session, earlier bool) error {
	h, err := s.Host()
	if err != nil || h.Owed == nil {
		return err
	}
	if p.blind {
		p.options.Observe.Tell(plugin.WarningEvent{Message: "without the configuration it is not known whether the host is to be told (on_change): the next apply that has one does so"})
		return nil
	}
	failed := p.runAfter(ctx, h.Owed, earlier)
	if ctx.Err() != nil {
		return &OwedError{Since: h.Owed.Since, Err: ctx.Err()}
	}
	if failed != nil && h.Owed.Transaction != "" && p.Config.Health != nil {
		return p.turnBack(ctx, s, h.Owed, failed)
	}
	var unwell *UnhealthyError
	if failed == nil || errors.As(failed, &unwell) {
		if failed == nil && h.Refuses(h.Owed.Lock) {
			h.Refused = nil
		}
		h.Owed = nil
		return errors.Join(failed, s.SetHost(h))
	}
	return failed
}

// settleNow is settle of what this session has changed. Where that could not be tidied up,
// it is known to the next session alone that the host is owed it.
func (p *Project) settleNow(ctx context.Context, s *apply.Session) error {
	h, err := s.Host()
	if err == nil && h.Owed == nil && p.owes() {
		return &OwedError{Since: now(), Err: errors.New("the change is not tidied up yet")}
	}
	if err != nil {
		return err
	}
	return p.settle(ctx, s, false)
}

// runAfter runs on_change, then health. The error is an [*OnChangeError], or an
// [*UnhealthyError] that undid nothing.
func (p *Project) runAfter(ctx context.Context, owed *apply.Owed, earlier bool) error {
	env := p.afterEnv(owed)
	if c := p.Config.OnChange; c != nil {
		e := plugin.OnChangeEvent{Command: c.Command.Shown()}
		if earlier {
			e.Owed = owed.Since
		}
		p.options.Observe.Tell(e)
		output, err := command.Run(ctx, p.program(c.Command), env...)
		if err != nil {
			err = &OnChangeError{Command: e.Command, Output: output, Err: hidden(c.Command, err), Pos: c.Pos}
		}
		e.Done, e.Err = true, err
		p.options.Observe.Tell(e)
		if err != nil {
			return err
		}
	}
	if p.Config.Health == nil {
		return nil
	}
	return p.checkHealth(ctx, p.Config.Health, env)
}

func (p *Project) checkHealth(ctx context.Context, h *config.Health, env []string) error {
	e := plugin.HealthEvent{Command: h.Command.Shown(), Tries: h.Retries}
	for e.Try = 1; ; e.Try++ {
		output, err := command.Run(ctx, p.program(h.Command), env...)
		if err == nil {
			e.Err = nil
			p.options.Observe.Tell(e)
			return nil
		}
		unwell := &UnhealthyError{Command: e.Command, Tries: e.Try, Output: output, Err: hidden(h.Command, err), Pos: h.Pos}
		e.Err = unwell
		p.options.Observe.Tell(e)
		if e.Try >= h.Retries || ctx.Err() != nil {
			return unwell
		}
		select {
		case <-ctx.Done():
			return unwell
		case <-time.After(h.Interval):
		}
	}
}

// turnBack undoes the apply that the host is not well with, and lets it hear of that.
func (p *Project) turnBack(ctx context.Context, s *apply.Session, owed *apply.Owed, failed error) error {
	out := &TurnedBackError{Plugins: owed.Changed, Cause: failed}
	why := oneLine(failed)
	p.options.Observe.Tell(plugin.TurnBackEvent{Plugins: owed.Changed, Why: why})
	_, err := s.TurnBack(ctx, p.keeps(), apply.Refused{Lock: owed.Lock, Since: now(), Why: why})
	switch {
	case err != nil && ctx.Err() != nil:
		return &OwedError{Since: owed.Since, Err: ctx.Err()}
	case errors.Is(err, apply.ErrNotKept):
		// There is nothing that trying again could change.
		h, hostErr := s.Host()
		if h.Owed = nil; hostErr == nil {
			hostErr = s.SetHost(h)
		}
		err = errors.Join(err, hostErr)
	}
	if out.Err = err; err == nil {
		out.After = p.settleNow(ctx, s)
	}
	return out
}

// program is a command whose program is found wherever one stands.
func (p *Project) program(c plugin.Command) plugin.Command {
	if name := c.Args[0]; strings.Contains(name, "/") || strings.ContainsRune(name, filepath.Separator) {
		c.Args = append([]string{p.Config.Abs(c.Args[0])}, c.Args[1:]...)
	}
	return c
}

// maxNames bounds what of the names of plugins is handed on, in bytes: systems bound the
// environment.
const maxNames = 16 << 10

func (p *Project) afterEnv(owed *apply.Owed) []string {
	names := make([]string, len(owed.Changed))
	for i, n := range owed.Changed {
		names[i] = string(n)
	}
	changed := strings.Join(names, " ")
	if len(changed) > maxNames {
		changed = ""
	}
	return []string{"PLUGINS_DIR=" + p.PluginDir, "PLUGINS_CHANGED=" + changed}
}

// MayApply tells, of a plan with changes, what apply would refuse before anything is
// changed or downloaded: a lock that the host was not well with is a [*RefusedLockError]
// unless it is to be tried again, a program of on_change or health that is not there a
// [*NoProgramError].
func (p *Project) MayApply(made *plan.Plan, o ApplyOptions) error {
	if made.Empty() {
		return nil
	}
	if made.Refused != nil && !o.Retry {
		return &RefusedLockError{Refused: *made.Refused}
	}
	var errs []error
	find := func(block string, c plugin.Command, pos plugin.Pos) {
		if err := command.Find(p.program(c)); err != nil {
			errs = append(errs, &NoProgramError{Block: block, Pos: pos, Err: hidden(c, err)})
		}
	}
	if c := p.Config.OnChange; c != nil {
		find("on_change", c.Command, c.Pos)
	}
	if h := p.Config.Health; h != nil {
		find("health", h.Command, h.Pos)
	}
	return errors.Join(errs...)
}

// foretell adds to a plan what is run after it, and whether its lock is refused.
func (p *Project) foretell(made *plan.Plan) error {
	h, err := apply.ReadHost(p.PluginDir)
	if err != nil {
		return err
	}
	if r := h.Refused; h.Refuses(made.Inputs.Lock) && !made.Empty() {
		made.Refused = &plan.Refused{Lock: r.Lock, Since: r.Since, Why: r.Why}
	}
	if !p.owes() || made.Empty() && h.Owed == nil {
		return nil
	}
	made.After = &plan.After{}
	if c := p.Config.OnChange; c != nil {
		made.After.OnChange = &plan.Run{Command: c.Command.Shown(), Timeout: c.Command.Timeout.String()}
	}
	if h := p.Config.Health; h != nil {
		made.After.Health = &plan.Run{
			Command: h.Command.Shown(), Timeout: h.Command.Timeout.String(), Retries: h.Retries, Interval: h.Interval.String(),
		}
	}
	if h.Owed != nil {
		made.After.OwedSince = h.Owed.Since
	}
	return nil
}

func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// hidden is an error of starting a command that does not show what must not be shown.
func hidden(c plugin.Command, err error) error {
	if text := c.Hide(err.Error()); text != err.Error() {
		return fmt.Errorf("%s", text)
	}
	return err
}
