package ui

import (
	"io"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/plugins-hcl/plugins/plugin"
)

// Progress draws a bar for each download, on a terminal, and shows everything else
// as Plain does, above the bars.
type Progress struct {
	err   io.Writer
	plain *Plain

	mu    sync.Mutex
	group *mpb.Progress // nil until there is something to draw
	bars  map[string]*mpb.Bar
}

// NewProgress draws on err.
func NewProgress(err io.Writer, plain *Plain) *Progress {
	p := &Progress{err: err, plain: plain, bars: map[string]*mpb.Bar{}}
	plain.Err = p
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
	if f, ok := e.(plugin.FetchEvent); ok {
		p.fetch(f)
	}
	p.plain.Event(e)
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
		bar.SetTotal(e.Bytes, true)
		delete(p.bars, key)
		return
	case bar == nil:
		if p.group == nil {
			p.group = mpb.New(mpb.WithOutput(p.err), mpb.WithWidth(40), mpb.WithAutoRefresh())
		}
		bar = p.group.AddBar(max(e.Total, 0),
			mpb.BarRemoveOnComplete(),
			mpb.PrependDecorators(decor.Name(string(e.Plugin), decor.WCSyncSpaceR)),
			mpb.AppendDecorators(decor.CountersKibiByte("% .1f / % .1f")),
		)
		p.bars[key] = bar
	}
	if e.Total > 0 {
		bar.SetTotal(e.Total, false)
	}
	bar.SetCurrent(e.Bytes)
}

// Close takes the bars away.
func (p *Progress) Close() {
	p.mu.Lock()
	for key, bar := range p.bars {
		bar.Abort(true)
		delete(p.bars, key)
	}
	group := p.group
	p.group = nil
	p.mu.Unlock()
	if group != nil {
		group.Wait()
	}
}
