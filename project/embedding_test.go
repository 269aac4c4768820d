package project_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// The functions that docs/embedding.md shows, word for word, and what they do.

func reconcile(ctx context.Context, dir string) error {
	p, err := project.Open(dir, project.Options{})
	if err != nil {
		return err
	}
	if _, err := p.Lock(ctx, project.LockOptions{}); err != nil {
		return err
	}
	_, err = p.Apply(ctx, nil, project.ApplyOptions{})
	return err
}

func approve(ctx context.Context, p *project.Project, yes func(*plan.Plan) bool) error {
	made, err := p.Plan(ctx)
	if err != nil {
		return err
	}
	for _, c := range made.Changes {
		fmt.Println(c.Action, c.Name, c.To)
	}
	if len(made.Changes) == 0 || !yes(made) {
		return nil
	}
	// Just this is done or, if it is not what there is to do any more, nothing.
	result, err := p.Apply(ctx, made, project.ApplyOptions{})
	if result != nil {
		fmt.Println("done:", len(result.Done))
	}
	return err
}

func explain(err error) string {
	var missing *lock.MissingError
	var outOfDate *lock.OutOfDateError
	var stale *plan.StaleError
	var of *plugin.Error
	switch {
	case errors.As(err, &missing), errors.As(err, &outOfDate):
		return "lock first"
	case errors.As(err, &stale):
		return "look at a new plan"
	case errors.Is(err, plugin.ErrRefused):
		return "the bytes are not those that were locked, or break a rule"
	case errors.As(err, &of):
		return "it is about " + string(of.Plugin)
	}
	return "something else"
}

func watch(e plugin.Event) {
	switch e := e.(type) {
	case plugin.FetchEvent:
		if e.Done {
			fmt.Println("fetched", e.Plugin, e.Bytes)
		}
	case plugin.StageEvent:
		fmt.Println("verified", e.Plugin, e.Version)
	case plugin.CommitEvent:
		fmt.Println("swapped", e.Plugin, e.Action)
	case plugin.WarningEvent:
		fmt.Println("warning:", e.Message)
	}
}

func undoUnless(ctx context.Context, p *project.Project, healthy func() bool) error {
	result, err := p.Apply(ctx, nil, project.ApplyOptions{})
	if err != nil || len(result.Done) == 0 || healthy() {
		return err
	}
	changes, err := p.PlanRollback(ctx)
	if err != nil {
		return err
	}
	_, err = p.Rollback(ctx, changes)
	return err
}

func ExampleProject_Apply() {
	dir, err := exampleProject()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	p, err := project.Open(dir, project.Options{Observe: watch})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = p.Plan(ctx)
	fmt.Println(explain(err))
	if _, err := p.Lock(ctx, project.LockOptions{}); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(approve(ctx, p, func(*plan.Plan) bool { return true }))

	// What is there already is not done again.
	fmt.Println(reconcile(ctx, dir))
	// Output:
	// lock first
	// install billing 2.1.0
	// verified billing 2.1.0
	// swapped billing install
	// done: 1
	// <nil>
	// <nil>
}

func ExampleProject_Rollback() {
	dir, err := exampleProject()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	p, err := project.Open(dir, project.Options{})
	if err == nil {
		_, err = p.Lock(ctx, project.LockOptions{})
	}
	fmt.Println(err)
	fmt.Println(undoUnless(ctx, p, func() bool { return false }))
	_, err = os.Stat(filepath.Join(p.PluginDir, "billing"))
	fmt.Println("installed:", err == nil)
	// Output:
	// <nil>
	// <nil>
	// installed: false
}
