package main

import (
	"context"
	"path/filepath"
)

// contender is who is measured in a column. prepare returns nil where it takes no part.
type contender struct {
	name    string
	prepare func(context.Context, *world, column) (*trial, error)
	peer    bool // one whose failure is its own
}

// What the floor and the program are called.
const (
	floorName = "floor"
	oursName  = "plugins"
)

// contenders are the floor, the durable floor, the program, and others.
func contenders(w *world, peers []*program) []contender {
	mine := ours(w)
	floor := func(durable bool) func(context.Context, *world, column) (*trial, error) {
		return func(ctx context.Context, w *world, c column) (*trial, error) {
			return prepareFloor(ctx, w, c, mine, durable)
		}
	}
	all := []contender{
		{name: floorName, prepare: floor(false)},
		{name: "durable floor", prepare: floor(true)},
		{name: oursName, prepare: mine.prepare},
	}
	for _, p := range peers {
		all = append(all, contender{name: p.name, prepare: p.prepare, peer: true})
	}
	return all
}

// prepareFloor has the floor read what is installed, where something is, and install what
// differs.
func prepareFloor(ctx context.Context, w *world, c column, mine *program, durable bool) (*trial, error) {
	if c.none || durable && (c.idle || fileSystem(w.dir) == "unknown") {
		return nil, nil
	}
	s := w.sets[c.set]
	t := &trial{argv: []string{w.self, "floor"}}
	if c.idle || c.after == one {
		// What is read is what the program installed: the same files.
		standing, err := mine.standing(ctx, w, s, first)
		if err != nil {
			return nil, err
		}
		t.argv = append(t.argv, "-read", filepath.Join(standing.dir, "plugins"))
		if c.idle {
			return t, nil
		}
	}
	dir, err := w.fresh("floor")
	if err != nil {
		return nil, err
	}
	releases, base := s.wanted(c.after), w.base
	if c.after == one {
		releases = releases[:1]
	}
	if c.far {
		base = w.far
	}
	list, err := w.list(releases, base)
	if err != nil {
		return nil, err
	}
	t.argv = append(t.argv, "-list", list, "-to", dir)
	if durable {
		t.argv = append(t.argv, "-durable")
	}
	t.installed, t.releases = filepath.Join(dir, "*", "plugin.json"), releases
	return t, nil
}
