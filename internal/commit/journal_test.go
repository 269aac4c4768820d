package commit

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func goodJournal() journal {
	return journal{FormatVersion: journalVersion, ID: "0123456789abcdef", Steps: []step{
		{
			Live: "authz", New: ".plugins/staging/0123456789abcdef/authz.0123456789abcdef",
			Old: ".plugins/staging/0123456789abcdef/authz.0123456789abcdef.old", Digest: "tree-sha256:00", Inode: 7,
		},
		{Live: ".plugins/records/authz.json", New: ".plugins/previous/records/authz.json"},
		{Live: "gone", Old: ".plugins/previous/gone.old", Copied: true},
	}}
}

func TestJournalRoundTrip(t *testing.T) {
	t.Parallel()
	j := goodJournal()
	data, err := j.encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := decodeJournal(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&j, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// A journal is acted on: one that was torn or tampered with is not.
func TestTamperedJournalIsRefused(t *testing.T) {
	t.Parallel()
	data, err := new(goodJournal()).encode()
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		torn := append([]byte(nil), data...)
		torn[i] ^= 1
		if _, err := decodeJournal(torn); err == nil {
			t.Fatalf("with a bit of byte %d changed it is taken", i)
		}
		if _, err := decodeJournal(data[:i]); !errors.Is(err, errTorn) {
			t.Fatalf("cut off at byte %d: %v", i, err)
		}
	}
	for name, change := range map[string]func(*journal){
		"newer format":         func(j *journal) { j.FormatVersion = 2 },
		"id of another form":   func(j *journal) { j.ID = "../../../../etc/x" },
		"no plugin":            func(j *journal) { j.Steps[0].Live = "../authz" },
		"the state itself":     func(j *journal) { j.Steps[0].Live = ".plugins" },
		"a file of the state":  func(j *journal) { j.Steps[0].Live = ".plugins/lock" },
		"record of no plugin":  func(j *journal) { j.Steps[1].Live = ".plugins/records/../../x.json" },
		"record of no kind":    func(j *journal) { j.Steps[1].Live = ".plugins/records/x" },
		"outside the state":    func(j *journal) { j.Steps[0].New = "/etc/passwd" },
		"out of the state":     func(j *journal) { j.Steps[0].New = ".plugins/previous/../../../etc" },
		"another's staging":    func(j *journal) { j.Steps[0].New = ".plugins/staging/fedcba9876543210/authz" },
		"the folder itself":    func(j *journal) { j.Steps[2].Old = ".plugins/previous/" },
		"a step without sides": func(j *journal) { j.Steps[2].Old = "" },
	} {
		j := goodJournal()
		change(&j)
		data, err := j.encode() // with a digest that is right
		if err != nil {
			t.Fatal(err)
		}
		if _, err := decodeJournal(data); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}

func FuzzDecodeJournal(f *testing.F) {
	data, err := new(goodJournal()).encode()
	if err != nil {
		f.Fatal(err)
	}
	_, body, _ := strings.Cut(string(data), "\n")
	f.Add(body)
	f.Add(`{"format_version":1,"id":"0123456789abcdef","steps":[]}`)
	f.Add(`{"format_version":1,"id":"0123456789abcdef","steps":[{"live":"a","new":".plugins/previous/a"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		// The digest would keep every mutation out: the fuzzer gets it for free.
		j, err := decodeJournal([]byte(string(fileDigest([]byte(body))) + "\n" + body))
		if err != nil {
			return
		}
		for _, s := range j.Steps {
			for _, p := range []string{s.Live, s.New, s.Old} {
				if strings.Contains("/"+p+"/", "/../") || strings.HasPrefix(p, "/") {
					t.Errorf("it names %q", p)
				}
			}
		}
		if _, err := json.Marshal(j); err != nil {
			t.Error(err)
		}
	})
}
