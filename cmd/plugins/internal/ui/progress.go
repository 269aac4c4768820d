package ui

import (
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/plugins-hcl/plugins/plugin"
)

// Progress draws a bar for each download and one for the whole, on a terminal, and shows
// everything else as Plain does, above the bars.
type Progress struct {
	err   io.Writer
	plain *Plain
	work  *Work

	mu    sync.Mutex
	group *mpb.Progress // nil until there is something to draw
	bars  map[string]*mpb.Bar
	drawn int         // bars so far: the oldest is on top
	step  plugin.Step // that whole is of
	whole *mpb.Bar    // nil where no step is under way
}

// NewProgress draws on err.
func NewProgress(err io.Writer, plain *Plain, work *Work) *Progress {
	p := &Progress{err: err, plain: plain, work: work, bars: map[string]*mpb.Bar{}}
	plain.Err, plain.Drawn, plain.Every = p, true, 0
	return p
}

// Write shows lines above the bars.
func (p *Progress) Write(lines []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.group != nil {
		return p.group.Write(lines)
	}
	return p.err.Write(lines)
}

// Event shows e.
func (p *Progress) Event(e plugin.Event) {
	switch e := e.(type) {
	case plugin.FetchEvent:
		p.fetch(e)
	case plugin.StepEvent:
		p.take(e)
	}
	p.plain.Event(e)
}

// barWidth leaves room for what is told beside a bar: a line that is broken in two when a
// terminal becomes narrower stays behind.
const barWidth = 20

// draw adds a bar, below those of a smaller priority. It is there until it is aborted,
// however full it is.
func (p *Progress) draw(name string, total int64, priority int, state func(decor.Statistics) string) *mpb.Bar {
	if p.group == nil {
		p.group = mpb.New(mpb.WithOutput(p.err), mpb.WithWidth(barWidth), mpb.WithAutoRefresh())
	}
	if runes := []rune(name); len(runes) > maxColumn {
		name = string(runes[:maxColumn-1]) + "…"
	}
	// One that is made with a total ends by itself.
	bar := p.group.AddBar(0, mpb.BarPriority(priority),
		mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)), mpb.AppendDecorators(decor.Any(state)))
	bar.SetTotal(total, false)
	return bar
}

func (p *Progress) fetch(e plugin.FetchEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := string(e.Plugin) + " " + e.URL
	bar := p.bars[key]
	switch {
	case e.Done && bar == nil:
		return
	case e.Done:
		bar.Abort(true)
		delete(p.bars, key)
		return
	case bar == nil:
		p.drawn++
		bar = p.draw(string(e.Plugin), e.Total, p.drawn, amount(e, time.Now()))
		p.bars[key] = bar
	}
	if e.Total > 0 {
		bar.SetTotal(e.Total, false)
	}
	bar.SetCurrent(e.Bytes)
}

// amount tells how much of a download is here, how fast it comes and how long it takes;
// first is what was told of it first, at that time.
func amount(first plugin.FetchEvent, at time.Time) func(decor.Statistics) string {
	return func(s decor.Statistics) string {
		text := fmt.Sprintf(" %.1f", float64(s.Current)/(1<<20))
		if s.Total > 0 {
			text += fmt.Sprintf("/%.1f", float64(s.Total)/(1<<20))
		}
		text += " MiB"
		took := time.Since(at)
		came := s.Current - first.Bytes
		if took < time.Second || came <= 0 {
			return text
		}
		rate := float64(came) / took.Seconds()
		text += fmt.Sprintf(" %.1f MiB/s", rate/(1<<20))
		if left := s.Total - s.Current; left > 0 {
			text += fmt.Sprintf(" %s left", time.Duration(math.Ceil(float64(left)/rate))*time.Second)
		}
		return text
	}
}

// take draws how far a step is.
func (p *Progress) take(e plugin.StepEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.whole != nil && p.step != e.Step {
		p.whole.Abort(true)
		p.whole = nil
	}
	if p.whole == nil {
		if e.Done > 0 {
			return // of a step that is over
		}
		p.step = e.Step
		p.whole = p.draw(stepName(e.Step), int64(e.Total), math.MaxInt, func(s decor.Statistics) string {
			text := fmt.Sprintf(" %d of %d", s.Current, s.Total)
			if _, bytes := p.work.state(); bytes > 0 {
				text += fmt.Sprintf(", %.1f MiB", float64(bytes)/(1<<20))
			}
			return text
		})
	}
	if int64(e.Done) > p.whole.Current() {
		p.whole.SetCurrent(int64(e.Done))
	}
}

// Close takes the bars away.
func (p *Progress) Close() {
	p.plain.Close()
	p.mu.Lock()
	for key, bar := range p.bars {
		bar.Abort(true)
		delete(p.bars, key)
	}
	if p.whole != nil {
		p.whole.Abort(true)
		p.whole = nil
	}
	group := p.group
	p.group = nil
	p.mu.Unlock()
	if group != nil {
		group.Wait()
	}
}
