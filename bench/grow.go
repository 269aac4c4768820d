package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
)

// growth is what is measured of sets that differ in one number.
type growth struct {
	title, axis string
	sizes       []int
	set         func(n int) set
	locks       bool // what is measured is lock, of a registry with a history
}

// growths are the panels of the plot.
func growths(short bool) []growth {
	all := []growth{
		{title: "plugins, of 64 KiB each", axis: "plugins", sizes: []int{10, 30, 100, 300, 1000}, set: func(n int) set {
			return set{count: n, size: 64 << 10, files: 3, versions: 1}
		}},
		{title: "files a plugin, in 10 plugins", axis: "files a plugin", sizes: []int{3, 10, 30, 100, 300, 1000}, set: func(n int) set {
			return set{count: 10, size: 64 << 10, files: n, versions: 1}
		}},
		{title: "bytes, of one plugin", axis: "MiB", sizes: []int{1, 4, 16, 64, 256}, set: func(n int) set {
			return set{count: 1, size: n << 20, files: 3, versions: 1}
		}},
		{title: "history of the registry, lock of 20 plugins", axis: "versions of each", sizes: []int{1, 10, 100, 1000, 10000}, locks: true, set: func(n int) set {
			return set{count: 20, size: 4 << 10, versions: n}
		}},
	}
	if short {
		for i := range all {
			all[i].sizes = all[i].sizes[:2]
		}
	}
	return all
}

// point is what one size took.
type point struct {
	at float64
	spread
}

// line is how the cost of one thing grows.
type line struct {
	name   string
	points []point
}

// panel is one growth, measured.
type panel struct {
	title, axis string
	lines       []line
}

func (p *panel) add(name string, at float64, s spread) {
	for i := range p.lines {
		if p.lines[i].name == name {
			p.lines[i].points = append(p.lines[i].points, point{at, s})
			return
		}
	}
	p.lines = append(p.lines, line{name, []point{{at, s}}})
}

// grow measures all growths, deletes nothing in between (see clear), and writes the plot and its numbers into a folder.
func (w *world) grow(ctx context.Context, all []growth, runs int, dir string, progress io.Writer) error {
	var panels []panel
	for _, g := range all {
		p := panel{title: g.title, axis: g.axis}
		for _, n := range g.sizes {
			fmt.Fprintf(progress, "%s: %d\n", g.title, n)
			if err := w.growTo(ctx, g, n, runs, &p); err != nil {
				return err
			}
		}
		panels = append(panels, p)
	}
	if err := writeFile(filepath.Join(dir, "performance-growth.svg"), []byte(draw(panels))); err != nil {
		return err
	}
	return writeNumbers(filepath.Join(dir, "performance-growth.csv"), panels)
}

func (w *world) growTo(ctx context.Context, g growth, n, runs int, p *panel) error {
	s := g.set(n)
	s.name = fmt.Sprintf("grow%d-%d", w.serial, n)
	if err := w.publish(s); err != nil {
		return err
	}
	r, err := w.bench(ctx, g.columns(s), g.contenders(w), runs, io.Discard)
	if err != nil {
		return err
	}
	for _, c := range r.Columns {
		for _, m := range c.Measured {
			p.add(m.Name+", "+c.Title, float64(n), m.Seconds)
		}
	}
	return nil
}

func (g growth) columns(s set) []column {
	if g.locks {
		return []column{{name: "lock", title: "lock", set: s.name, after: first}}
	}
	return []column{
		{name: "cold", title: "apply", set: s.name, after: first},
		{name: "idle", title: "plan", set: s.name, before: first, after: first, idle: true},
	}
}

func (g growth) contenders(w *world) []contender {
	if g.locks {
		return []contender{{name: floorName, prepare: prepareDocuments}, {name: oursName, prepare: prepareLock}}
	}
	all := contenders(w, nil)
	return []contender{all[0], all[2]} // durability does not grow in a way of its own
}

// prepareDocuments has the floor fetch and parse what a registry says.
func prepareDocuments(_ context.Context, w *world, c column) (*trial, error) {
	dir, err := w.fresh("documents")
	if err != nil {
		return nil, err
	}
	var text string
	s := w.sets[c.set]
	for i := range s.count {
		for _, document := range []string{"manifest.json", "versions.json"} {
			text += s.url(w.base) + "/plugins/" + s.plugin(i) + "/" + document + "\n"
		}
	}
	path := filepath.Join(dir, "documents")
	return &trial{argv: []string{w.self, "floor", "-documents", path}}, writeFile(path, []byte(text))
}

// prepareLock has the program lock a configuration for the first time.
func prepareLock(_ context.Context, w *world, c column) (*trial, error) {
	dir, err := w.fresh("lock")
	if err != nil {
		return nil, err
	}
	s := w.sets[c.set]
	if err := writeFile(filepath.Join(dir, "plugins.hcl"), []byte(configuration(s, first, w.base))); err != nil {
		return nil, err
	}
	return lockTrial(w, s, dir), nil
}

func writeNumbers(path string, panels []panel) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	out := csv.NewWriter(f)
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	_ = out.Write([]string{"panel", "line", "at", "median seconds", "min", "max"})
	for _, p := range panels {
		for _, l := range p.lines {
			for _, x := range l.points {
				_ = out.Write([]string{p.title, l.name, number(x.at), number(round(x.Median)), number(round(x.Min)), number(round(x.Max))})
			}
		}
	}
	out.Flush()
	return out.Error()
}

func round(seconds float64) float64 { return float64(int(seconds*1e4+0.5)) / 1e4 }
