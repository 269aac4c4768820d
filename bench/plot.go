package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The measures of a panel, in pixels.
const (
	panelWidth, panelHeight = 460, 320
	marginLeft, marginTop   = 58, 40
	plotWidth, plotHeight   = 380, 226
)

// draw draws the panels, two in a row, both axes logarithmic: what grows in proportion
// is a straight line with the slope of the others.
func draw(panels []panel) string {
	var b strings.Builder
	rows := (len(panels) + 1) / 2
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">`+"\n", 2*panelWidth, rows*panelHeight)
	b.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>` + "\n")
	for i, p := range panels {
		fmt.Fprintf(&b, `<g transform="translate(%d %d)">`+"\n", i%2*panelWidth, i/2*panelHeight)
		p.draw(&b)
		b.WriteString("</g>\n")
	}
	b.WriteString("</svg>\n")
	return b.String()
}

func (p panel) draw(b *strings.Builder) {
	x, y := p.axes()
	text := func(px, py float64, anchor, colour, s string) {
		fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" fill="%s">%s</text>`+"\n", px, py, anchor, colour, html.EscapeString(s))
	}
	fmt.Fprintf(b, `<text x="%d" y="22" font-weight="600" fill="#1f2328">%s</text>`+"\n", marginLeft, html.EscapeString(p.title))
	for _, tick := range y.ticks() {
		fmt.Fprintf(b, `<line x1="%d" x2="%d" y1="%.1f" y2="%.1f" stroke="#d0d7de"/>`+"\n", marginLeft, marginLeft+plotWidth, y.at(tick), y.at(tick))
		text(marginLeft-6, y.at(tick)+4, "end", "#59636e", seconds(tick))
	}
	for _, tick := range x.ticks() {
		text(x.at(tick), marginTop+plotHeight+16, "middle", "#59636e", fmt.Sprintf("%g", tick))
	}
	text(marginLeft+plotWidth, marginTop+plotHeight+32, "end", "#59636e", p.axis)
	for i, l := range p.lines {
		style := l.style()
		l.draw(b, x, y, style)
		at := float64(marginTop + 10 + 15*i)
		fmt.Fprintf(b, `<path d="M%d %.1fh24" stroke-width="1.5" %s/>`+"\n", marginLeft+8, at, style)
		text(marginLeft+38, at+4, "start", "#1f2328", l.name)
	}
}

// style is blue for the program and grey for the floor, and dashed for plans.
func (l line) style() string {
	style := `stroke="#0969da"`
	if strings.HasPrefix(l.name, floorName) {
		style = `stroke="#8c959f"`
	}
	if strings.HasSuffix(l.name, " plan") {
		style += ` stroke-dasharray="5 3"`
	}
	return style
}

func (l line) draw(b *strings.Builder, x, y axis, style string) {
	var points []string
	for _, p := range l.points {
		px := x.at(p.at)
		points = append(points, fmt.Sprintf("%.1f,%.1f", px, y.at(p.Median)))
		fmt.Fprintf(b, `<path d="M%.1f %.1fV%.1f" %s/>`+"\n", px, y.at(p.Min), y.at(p.Max), style)
	}
	fmt.Fprintf(b, `<polyline points="%s" fill="none" stroke-width="1.5" %s/>`+"\n", strings.Join(points, " "), style)
}

// axis maps numbers to pixels by their logarithm.
type axis struct{ from, to, start, end float64 }

func (a axis) at(v float64) float64 {
	return a.start + (a.end-a.start)*(math.Log10(v)-a.from)/(a.to-a.from)
}

// ticks are the powers of ten within.
func (a axis) ticks() (all []float64) {
	for e := math.Ceil(a.from); e <= a.to; e++ {
		all = append(all, math.Pow(10, e))
	}
	return all
}

// axes span all points; the one of seconds whole powers of ten.
func (p panel) axes() (x, y axis) {
	x = axis{math.Inf(1), math.Inf(-1), marginLeft, marginLeft + plotWidth}
	y = axis{math.Inf(1), math.Inf(-1), marginTop + plotHeight, marginTop}
	for _, l := range p.lines {
		for _, q := range l.points {
			x.from, x.to = min(x.from, math.Log10(q.at)), max(x.to, math.Log10(q.at))
			y.from, y.to = min(y.from, math.Log10(q.Min)), max(y.to, math.Log10(q.Max))
		}
	}
	x.to = max(x.to, x.from+1)
	y.from, y.to = math.Floor(y.from), math.Ceil(y.to)
	y.to = max(y.to, y.from+1)
	return x, y
}

func seconds(v float64) string {
	if v < 1 {
		return fmt.Sprintf("%g ms", math.Round(v*1e6)/1e3)
	}
	return fmt.Sprintf("%g s", v)
}
