package main

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
)

// report is what a benchmark says, and what -json prints.
type report struct {
	FormatVersion string   `json:"format_version"`
	Machine       machine  `json:"machine"`
	Runs          int      `json:"runs"`
	Columns       []result `json:"columns"`

	// LeftOut are the peers that failed, and why: a version of one that wants other files
	// stops nobody.
	LeftOut []leftOut `json:"left_out,omitempty"`
}

type leftOut struct {
	Name  string `json:"name"`
	Error string `json:"error"`
}

type machine struct {
	OS         string `json:"os"`
	Arch       string `json:"arch"`
	CPUs       int    `json:"cpus"`
	FileSystem string `json:"file_system"`
	Protocol   string `json:"protocol"`
}

// result is what was measured of everybody in one column.
type result struct {
	Name     string     `json:"name"`
	Title    string     `json:"title"`
	Target   target     `json:"target"`
	Measured []measured `json:"measured"`
}

// measured is what was measured of one contender.
type measured struct {
	Name    string   `json:"name"`
	Samples []sample `json:"samples"`
	Seconds spread   `json:"seconds"`
	Ratio   spread   `json:"ratio,omitzero"` // to the floor of the same round
	CPU     float64  `json:"cpu_seconds"`    // the median
	Peak    int64    `json:"peak_bytes"`     // of all runs
}

// spread is the median of some numbers, and the least and the greatest.
type spread struct {
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
}

func spreadOf(numbers []float64) spread {
	if len(numbers) == 0 {
		return spread{}
	}
	n := slices.Sorted(slices.Values(numbers))
	middle := n[len(n)/2]
	if len(n)%2 == 0 {
		middle = (n[len(n)/2-1] + middle) / 2
	}
	return spread{middle, n[0], n[len(n)-1]}
}

func (r result) of(name string) (measured, bool) {
	i := slices.IndexFunc(r.Measured, func(m measured) bool { return m.Name == name })
	if i < 0 {
		return measured{}, false
	}
	return r.Measured[i], true
}

// bench measures columns, in each everybody in turn, and again.
func (w *world) bench(ctx context.Context, all []column, contenders []contender, runs int, progress io.Writer) (*report, error) {
	protocol := "HTTP/1.1"
	if strings.HasPrefix(w.base, "https:") {
		protocol = "HTTP/2 over TLS"
	}
	r := &report{FormatVersion: "1.0", Runs: runs, Machine: machine{runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), fileSystem(w.dir), protocol}}
	for _, c := range all {
		fmt.Fprintln(progress, c.title, "…")
		samples := make([][]sample, len(contenders))
		rounds := runs
		if c.atMost != 0 {
			rounds = min(runs, c.atMost)
		}
		for range rounds {
			for i, who := range contenders {
				if r.leftOut(who.name) {
					continue
				}
				s, ran, err := w.once(ctx, c, who)
				switch {
				case err != nil && who.peer && ctx.Err() == nil:
					fmt.Fprintf(progress, "%s is left out: %v\n", who.name, err)
					r.LeftOut = append(r.LeftOut, leftOut{who.name, err.Error()})
				case err != nil:
					return nil, fmt.Errorf("%s: %s: %w", c.title, who.name, err)
				case ran:
					samples[i] = append(samples[i], s)
				}
			}
		}
		r.Columns = append(r.Columns, summarize(c, contenders, samples))
	}
	return r, nil
}

func (r *report) leftOut(name string) bool {
	return slices.ContainsFunc(r.LeftOut, func(l leftOut) bool { return l.Name == name })
}

func (w *world) once(ctx context.Context, c column, who contender) (s sample, ran bool, err error) {
	t, err := who.prepare(ctx, w, c)
	if err != nil || t == nil {
		return s, false, err
	}
	if s, err = w.measure(ctx, t); err != nil {
		return s, false, err
	}
	return s, true, w.clear()
}

func summarize(c column, contenders []contender, samples [][]sample) result {
	r := result{Name: c.name, Title: c.title, Target: c.target}
	floor := samples[0] // the floor comes first
	for i, who := range contenders {
		if len(samples[i]) == 0 {
			continue
		}
		m := measured{Name: who.name, Samples: samples[i]}
		var seconds, ratios, cpu []float64
		for round, s := range samples[i] {
			seconds, cpu = append(seconds, s.Seconds), append(cpu, s.CPU)
			m.Peak = max(m.Peak, s.Peak)
			if len(floor) > round {
				ratios = append(ratios, s.Seconds/floor[round].Seconds)
			}
		}
		m.Seconds, m.Ratio, m.CPU = spreadOf(seconds), spreadOf(ratios), spreadOf(cpu).Median
		r.Measured = append(r.Measured, m)
	}
	return r
}
