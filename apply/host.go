package apply

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/plugins-hcl/plugins/internal/commit"
	"github.com/plugins-hcl/plugins/plan"
	"github.com/plugins-hcl/plugins/plugin"
)

// Host is what a plugin directory knows of its host. The zero value says nothing.
type Host struct {
	// Owed is what the host is owed since its plugins changed; nil where it knows of it.
	Owed *Owed `json:"owed,omitempty"`
	// Refused is the lock that the host did not come up with; nil where there is none.
	Refused *Refused `json:"refused,omitempty"`
}

// Owed says that the plugins changed and their host has not been told, or not been found
// well since.
type Owed struct {
	Since   time.Time     `json:"since"`
	Changed []plugin.Name `json:"changed"`        // sorted
	Lock    plugin.Digest `json:"lock,omitempty"` // that was applied; "" where none was
	// Transaction is what is to be undone if the host is not well; "" where nothing is.
	Transaction string `json:"transaction,omitempty"`
}

// Refused is a lock whose set was taken back, since the host was not well with it.
type Refused struct {
	Lock  plugin.Digest `json:"lock"`
	Since time.Time     `json:"since"`
	Why   string        `json:"why"` // one line
}

// IsZero reports whether it says nothing.
func (h Host) IsZero() bool { return h.Owed == nil && h.Refused == nil }

// Refuses reports whether it is this lock that the host did not come up with.
func (h Host) Refuses(lock plugin.Digest) bool { return h.Refused != nil && h.Refused.Lock == lock }

const hostVersion = 1

// hostFile is how it is written.
type hostFile struct {
	FormatVersion int `json:"format_version"`
	Host
}

func (h Host) encode() ([]byte, error) {
	data, err := json.MarshalIndent(hostFile{hostVersion, h}, "", "  ")
	return append(data, '\n'), err
}

// HostError says that what is known of the host cannot be used: whether it is owed
// something is not known.
type HostError struct {
	Path string
	Err  error
}

func (e *HostError) Error() string {
	return fmt.Sprintf("what is known of the host cannot be used, and so not whether it is owed anything: %s: %s", e.Path, e.Err)
}

func (e *HostError) Unwrap() error { return e.Err }

// ReadHost is what the plugin directory dir knows of its host. It changes nothing. The
// error is a [*HostError].
func ReadHost(dir string) (Host, error) {
	data, err := commit.ReadMark(dir)
	var h Host
	if err == nil && data != nil {
		h, err = decodeHost(data)
	}
	if err != nil {
		return Host{}, &HostError{Path: commit.MarkPath(dir), Err: err}
	}
	return h, nil
}

var transactionID = regexp.MustCompile(`^[0-9a-f]{16}$`)

func decodeHost(data []byte) (Host, error) {
	var f hostFile
	if err := plugin.DecodeJSON(data, &f); err != nil {
		return Host{}, err
	}
	if f.FormatVersion != hostVersion {
		return Host{}, fmt.Errorf("this program reads version %d of the format only, not %d", hostVersion, f.FormatVersion)
	}
	if o := f.Owed; o != nil {
		for _, name := range o.Changed {
			if _, err := plugin.ParseName(string(name)); err != nil {
				return Host{}, err
			}
		}
		if o.Transaction != "" && !transactionID.MatchString(o.Transaction) {
			return Host{}, fmt.Errorf("its transaction is %q", o.Transaction)
		}
	}
	if r := f.Refused; r != nil {
		if _, err := plugin.ParseDigest(string(r.Lock)); err != nil {
			return Host{}, err
		}
	}
	return f.Host, nil
}

// Host is what the plugin directory knows of its host.
func (s *Session) Host() (Host, error) { return ReadHost(s.state.Dir) }

// SetHost replaces what the plugin directory knows of its host, durably.
func (s *Session) SetHost(h Host) error {
	if h.IsZero() {
		return s.directory.SetMark(nil)
	}
	data, err := h.encode()
	if err != nil {
		return err
	}
	return s.directory.SetMark(data)
}

// owe makes the commit of a transaction owe the host that it hears of the changes, if it
// is to. Only an apply is undone where the host is not well.
func (t *transaction) owe(entry Entry, changes []plan.Change, refused *Refused) error {
	if !t.session.opts.Owes {
		return nil
	}
	h, err := t.session.Host()
	if err != nil {
		return err
	}
	owed := &Owed{Since: entry.Time, Lock: entry.Lock}
	if entry.Command == commandApply {
		owed.Transaction = t.ID()
		if !h.Refuses(entry.Lock) {
			h.Refused = nil
		}
	}
	if refused != nil {
		h.Refused = refused
	}
	for _, c := range changes {
		owed.Changed = append(owed.Changed, c.Name)
	}
	if h.Owed != nil {
		owed.Changed = append(owed.Changed, h.Owed.Changed...)
	}
	slices.Sort(owed.Changed)
	owed.Changed = slices.Compact(owed.Changed)
	h.Owed = owed
	data, err := h.encode()
	if err != nil {
		return err
	}
	t.Mark(data)
	return nil
}
