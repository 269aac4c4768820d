package config

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// OnChange is what tells the host that its plugins changed.
type OnChange struct {
	Command plugin.Command
	Pos     plugin.Pos
}

// Health is what tells whether the host is well with its plugins.
type Health struct {
	Command  plugin.Command // its Timeout is that of one try
	Retries  int            // how often it is tried until the host is given up; 1 or more
	Interval time.Duration  // between two tries
	Pos      plugin.Pos
}

// What counts where the blocks say nothing, and the most they may say: whoever applies
// holds the plugin directory's lock meanwhile.
const (
	DefaultOnChangeTimeout = 30 * time.Second
	DefaultHealthTimeout   = 10 * time.Second
	DefaultHealthRetries   = 5
	DefaultHealthInterval  = 2 * time.Second

	maxTimeout  = time.Hour
	maxInterval = time.Hour
	maxRetries  = 1000
)

// decodeOnChange reads the on_change block; nil where there is none, or its command is
// null.
func (d *decoder) decodeOnChange(blocks []*hcl.Block) *OnChange {
	raw := d.single(blocks)
	if raw == nil {
		return nil
	}
	b := d.inside(raw, d.root, onChangeSchema())
	c := b.ownCommand(DefaultOnChangeTimeout)
	if c.Args == nil {
		return nil
	}
	return &OnChange{Command: c, Pos: d.posOf(raw)}
}

// decodeHealth reads the health block; nil where there is none, or its command is null.
func (d *decoder) decodeHealth(blocks []*hcl.Block) *Health {
	raw := d.single(blocks)
	if raw == nil {
		return nil
	}
	b := d.inside(raw, d.root, healthSchema())
	retries := int64(DefaultHealthRetries)
	b.amount("retries", &retries, false)
	if retries > maxRetries {
		b.d.fail(b.content.Attributes["retries"].Expr.Range(), "Invalid value for \"retries\"", "It is at most %d.", maxRetries)
	}
	h := &Health{
		Command: b.ownCommand(DefaultHealthTimeout), Retries: int(retries),
		Interval: b.within("interval", DefaultHealthInterval, maxInterval), Pos: d.posOf(raw),
	}
	if h.Command.Args == nil {
		return nil
	}
	return h
}

// ownCommand reads the command of a block that is about nothing else.
func (b block) ownCommand(timeout time.Duration) plugin.Command {
	if _, written := b.content.Attributes["command"]; !written {
		b.missing("command")
	}
	c := plugin.Command{Dir: b.d.file.Dir, Timeout: b.within("timeout", timeout, maxTimeout)}
	c.Args, c.Sensitive = b.command()
	return c
}

// within reads a time that is at most so long.
func (b block) within(name string, usual, most time.Duration) time.Duration {
	d := b.duration(name)
	switch {
	case d == 0:
		return usual
	case d > most:
		b.d.fail(b.content.Attributes[name].Expr.Range(), "Invalid value for \""+name+"\"", "It is at most %s.", most)
	}
	return d
}
