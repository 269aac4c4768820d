package ui

import (
	"encoding/json"
	"io"
	"strings"
	"sync"

	"github.com/plugins-hcl/plugins/plugin"
)

// StreamVersion is the version of the JSON stream's format; a minor version only
// adds.
const StreamVersion = "1.0"

// Stream writes one JSON object a line, the first of type "version".
type Stream struct {
	mu  sync.Mutex
	enc *json.Encoder
	err error
}

// NewStream writes the first line.
func NewStream(w io.Writer, program string) *Stream {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	s := &Stream{enc: enc}
	s.Write(struct {
		Type          string `json:"type"`
		FormatVersion string `json:"format_version"`
		Plugins       string `json:"plugins"`
	}{"version", StreamVersion, program})
	return s
}

// Write writes one object; after an error, none.
func (s *Stream) Write(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = s.enc.Encode(v)
	}
}

// Err is the first error of writing; where there is no stream, none.
func (s *Stream) Err() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Close does nothing.
func (s *Stream) Close() {}

// message is every object of a stream but the first and the last.
type message struct {
	Type    string         `json:"type"`
	Name    plugin.Name    `json:"name,omitempty"`
	Action  string         `json:"action,omitempty"`
	From    plugin.Version `json:"from,omitzero"`
	To      plugin.Version `json:"to,omitzero"`
	Version plugin.Version `json:"version,omitzero"`
	Newest  plugin.Version `json:"newest,omitzero"`
	Allowed plugin.Version `json:"allowed,omitzero"`
	URL     string         `json:"url,omitempty"`
	Bytes   int64          `json:"bytes,omitempty"`
	Cached  bool           `json:"cached,omitempty"`
	Path    string         `json:"path,omitempty"`
	Holder  plugin.Holder  `json:"holder,omitzero"`
	Message string         `json:"message,omitempty"`
	Why     string         `json:"why,omitempty"`
	Notes   string         `json:"notes,omitempty"`
	Started []string       `json:"started,omitempty"`
	Stopped []string       `json:"stopped,omitempty"`
}

// Event writes e; of a download, its end alone.
func (s *Stream) Event(e plugin.Event) {
	switch e := e.(type) {
	case plugin.FetchEvent:
		if e.Done {
			s.Write(message{Type: "fetch", Name: e.Plugin, URL: e.URL, Bytes: e.Bytes, Cached: e.FromCache})
		}
	case plugin.StageEvent:
		s.Write(message{Type: "stage", Name: e.Plugin, Version: e.Version})
	case plugin.CommitEvent:
		s.Write(message{Type: "change", Name: e.Plugin, Action: e.Action, From: e.From, To: e.To})
	case plugin.LockEvent:
		s.Write(message{Type: "lock", Name: e.Plugin, Action: e.Action, From: e.From, To: e.To, Why: plugin.Redact(e.Why), Notes: e.Notes, Started: e.Started, Stopped: e.Stopped})
	case plugin.HeldBackEvent:
		s.Write(message{
			Type: "held_back", Name: e.Plugin, Version: e.Version, Newest: e.Newest, Allowed: e.Allowed,
			Why: plugin.Redact(strings.Join(e.Why, "; ")),
		})
	case plugin.WaitEvent:
		s.Write(message{Type: "wait", Path: e.Path, Holder: e.Holder})
	case plugin.WarningEvent:
		s.Write(message{Type: "warning", Name: e.Plugin, Message: plugin.Redact(e.Message)})
	default:
		s.hostEvent(e)
	}
}
