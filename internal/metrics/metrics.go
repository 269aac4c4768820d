package metrics

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// Set is what there is to tell about one plugin directory. What is not known is zero or
// nil, and is not written.
type Set struct {
	// PluginDir is the absolute path of the directory: a label that keeps the files of
	// several apart in one folder.
	PluginDir   string
	Lock        plugin.Digest // of the lock file
	Pending     []Pending     // in the order to write them
	Drifted     *int          // plugins whose files are not as they were installed
	Interrupted *bool         // an apply was cut off, and nothing has recovered it yet
	HostOwed    *bool         // the host is owed something
	Refused     *bool         // apply refuses the lock file
	LastApply   *LastApply
}

// Pending counts the changes of one kind that an apply would make.
type Pending struct {
	Action string
	Count  int
}

// LastApply is when the last apply ended, and how.
type LastApply struct {
	At time.Time
	OK bool
}

// The metrics. They are a promise: dashboards and alerts name them.
const (
	lockInfo         = "plugins_lock_info"
	pendingChanges   = "plugins_pending_changes"
	drifted          = "plugins_drifted"
	interrupted      = "plugins_interrupted"
	hostOwed         = "plugins_host_owed"
	lockRefused      = "plugins_lock_refused"
	lastApplyTime    = "plugins_last_apply_timestamp_seconds"
	lastApplySuccess = "plugins_last_apply_success"
)

var help = map[string]string{
	lockInfo:         "Always 1; the label digest tells which lock file is there.",
	pendingChanges:   "Changes that an apply would make, by action.",
	drifted:          "Installed plugins whose files are not those that were installed.",
	interrupted:      "Whether an interrupted apply was found, which the next one finishes or undoes.",
	hostOwed:         "Whether the host is owed on_change or health since a change, which the next apply runs.",
	lockRefused:      "Whether apply refuses the lock file, since the host was not well with it.",
	lastApplyTime:    "When the last apply ended, in seconds since 1970.",
	lastApplySuccess: "Whether the last apply did all that there was to do.",
}

// Format writes a set. Samples carry no time: the textfile collector refuses those.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/
func (s *Set) Format() []byte {
	var w writer
	dir := label{"plugin_dir", s.PluginDir}
	if s.Lock != "" {
		w.metric(lockInfo)
		w.sample(lockInfo, 1, label{"digest", string(s.Lock)}, dir)
	}
	if len(s.Pending) > 0 {
		w.metric(pendingChanges)
	}
	for _, p := range s.Pending {
		w.sample(pendingChanges, int64(p.Count), label{"action", p.Action}, dir)
	}
	if s.Drifted != nil {
		w.metric(drifted)
		w.sample(drifted, int64(*s.Drifted), dir)
	}
	if s.Interrupted != nil {
		w.metric(interrupted)
		w.sample(interrupted, oneIf(*s.Interrupted), dir)
	}
	if s.HostOwed != nil {
		w.metric(hostOwed)
		w.sample(hostOwed, oneIf(*s.HostOwed), dir)
	}
	if s.Refused != nil {
		w.metric(lockRefused)
		w.sample(lockRefused, oneIf(*s.Refused), dir)
	}
	if s.LastApply != nil {
		w.metric(lastApplyTime)
		w.sample(lastApplyTime, s.LastApply.At.Unix(), dir)
		w.metric(lastApplySuccess)
		w.sample(lastApplySuccess, oneIf(s.LastApply.OK), dir)
	}
	return w.Bytes()
}

func oneIf(is bool) int64 {
	if is {
		return 1
	}
	return 0
}

type writer struct{ bytes.Buffer }

type label struct{ name, value string }

// metric writes what stands above the samples of a metric.
func (w *writer) metric(name string) {
	fmt.Fprintf(w, "# HELP %s %s\n# TYPE %s gauge\n", name, help[name], name)
}

func (w *writer) sample(name string, value int64, labels ...label) {
	w.WriteString(name + "{")
	for i, l := range labels {
		if i > 0 {
			w.WriteString(",")
		}
		fmt.Fprintf(w, `%s="%s"`, l.name, escape(l.value))
	}
	w.WriteString("} " + strconv.FormatInt(value, 10) + "\n")
}

// valid is a label's value, which is UTF-8 whatever a path is.
func valid(value string) string { return strings.ToValidUTF8(value, "\uFFFD") }

func escape(value string) string {
	return strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(valid(value))
}

func unescape(value string) string {
	return strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\"`, `"`).Replace(value)
}
