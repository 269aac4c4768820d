package store

import (
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// reportEvery keeps a fast download from doing little but tell of itself.
const reportEvery = 100 * time.Millisecond

type reporter struct {
	observe plugin.Observer
	plugin  plugin.Name
	url     string
	last    time.Time
}

func (r *reporter) progress(done, total int64) {
	if now := time.Now(); now.Sub(r.last) >= reportEvery {
		r.last = now
		r.observe.Tell(plugin.FetchEvent{Plugin: r.plugin, URL: r.url, Bytes: done, Total: total})
	}
}

func (r *reporter) done(size int64) {
	r.observe.Tell(plugin.FetchEvent{Plugin: r.plugin, URL: r.url, Bytes: size, Total: size, Done: true})
}
