package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// write writes the report for people.
func (r *report) write(out io.Writer) error {
	m := r.Machine
	fmt.Fprintf(out, "%s/%s, %d CPUs, %s, %s; %s; median, and min–max\n", m.OS, m.Arch, m.CPUs, m.FileSystem, m.Protocol, counted(r.Runs, "run"))
	for _, c := range r.Columns {
		fmt.Fprintf(out, "\n%s%s\n", c.Title, c.Target.text())
		t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
		fmt.Fprintln(t, "\tseconds\tmin–max\t× floor\tmin–max\tCPU s\tpeak MiB\t")
		for _, m := range c.Measured {
			ratio, within := "", ""
			if m.Ratio != (spread{}) {
				ratio, within = fmt.Sprintf("%.2f", m.Ratio.Median), fmt.Sprintf("%.2f–%.2f", m.Ratio.Min, m.Ratio.Max)
			}
			s := m.Seconds
			fmt.Fprintf(t, "  %s\t%.3f\t%.3f–%.3f\t%s\t%s\t%.2f\t%.0f\t\n", m.Name, s.Median, s.Min, s.Max, ratio, within, m.CPU, mib(m.Peak))
		}
		if err := t.Flush(); err != nil {
			return err
		}
	}
	return nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// text names the target in the line of a column's title.
func (t target) text() string {
	var parts []string
	if t.Ratio != 0 {
		text := fmt.Sprintf("%g × floor", t.Ratio)
		if t.Comment != "" {
			text += " (" + t.Comment + ")"
		}
		parts = append(parts, text)
	}
	if t.More != 0 {
		parts = append(parts, fmt.Sprintf("%g ms over nothing to do", t.More))
	}
	if t.Seconds != 0 {
		parts = append(parts, fmt.Sprintf("%g s", t.Seconds))
	}
	if t.Peak != 0 {
		parts = append(parts, fmt.Sprintf("%g MiB", t.Peak))
	}
	if len(parts) == 0 {
		return ""
	}
	return "; target: " + strings.Join(parts, ", ")
}

// verdict is how one column stands to one of its targets.
type verdict struct {
	column, what      string
	got, target, over float64 // over: from where on it fails; 0: it does not, a time is told only
}

func (v verdict) failed() bool { return v.over != 0 && v.got > v.over }

func (v verdict) String() string {
	word := "ok"
	switch {
	case v.failed():
		word = "FAILED"
	case v.got > v.target:
		word = "missed"
	}
	text := fmt.Sprintf("%-6s  %s: %s %.2f, target %g", word, v.column, v.what, v.got, v.target)
	if v.over != 0 {
		text += fmt.Sprintf(", fails over %g", v.over)
	}
	return text
}

// slack is how far over its target a ratio, or a peak, fails. Machines differ, and a
// check that fails without a cause is switched off.
const slack = 2

// verdicts hold a report against the targets.
func (r *report) verdicts() (all []verdict) {
	idle := 0.0
	for _, c := range r.Columns {
		m, ok := c.of(oursName)
		if !ok {
			continue
		}
		t := c.Target
		if c.Name == "idle" {
			idle = m.Seconds.Median
		}
		if t.Ratio != 0 && m.Ratio != (spread{}) {
			all = append(all, verdict{c.Title, "ratio to the floor", m.Ratio.Median, t.Ratio, slack * t.Ratio})
		}
		if t.Peak != 0 && m.Peak != 0 {
			all = append(all, verdict{c.Title, "peak MiB", mib(m.Peak), t.Peak, slack * t.Peak})
		}
		if t.Seconds != 0 {
			all = append(all, verdict{c.Title, "seconds", m.Seconds.Median, t.Seconds, 0})
		}
		if t.More != 0 && idle != 0 {
			all = append(all, verdict{c.Title, "ms over nothing to do", 1000 * (m.Seconds.Median - idle), t.More, 0})
		}
	}
	return all
}
