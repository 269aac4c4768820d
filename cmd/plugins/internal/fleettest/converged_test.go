package fleettest

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// digest is what all machines must tell of in the end.
func (c convoy) digest(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(c.dir, "new", "plugins.lock.hcl"))
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("sha256:%x", sha256.Sum256(data))
}

// applyAgain is what a timer does. On some machines it is not the only one to do so. What
// an apply that was not killed did is all there was to do.
func (c convoy) applyAgain(i int, killed bool, digest string) error {
	runs := 1
	if i%10 == 0 {
		runs = 2
	}
	errs := make(chan error, runs)
	for range runs {
		go func() {
			code, out := c.run(i, "new", "apply", "--auto-approve", "--json", c.metrics(i))
			summary := out[strings.LastIndex(strings.TrimRight(out, "\n"), "\n")+1:]
			var err error
			switch {
			case code != 0:
				err = fmt.Errorf("exit %d\n%s", code, out)
			case !strings.Contains(summary, `"lock_digest":"`+digest+`"`):
				err = fmt.Errorf("it ends with another lock than %s:\n%s", digest, out)
			case !killed && !strings.Contains(summary, `"changed":false`):
				err = fmt.Errorf("it was done, and something was changed:\n%s", out)
			}
			errs <- err
		}()
	}
	var err error
	for range runs {
		err = errors.Join(err, <-errs)
	}
	return err
}

// checkMetrics looks at all files as the textfile collector does, which refuses all of
// them if two tell of the same, and counts by lock, as the document says. It reads *.prom
// only: a run that is killed while it writes may leave a hidden file.
func (c convoy) checkMetrics(t *testing.T, digest string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(c.dir, "textfile", "*.prom"))
	if err != nil || len(files) != machines {
		t.Fatalf("%d files of metrics, want %d (%v)", len(files), machines, err)
	}
	sample := regexp.MustCompile(`^(plugins_\w+)\{(?:(?:digest|action)="([^"]*)",)?plugin_dir="([^"]*)"\} (\d+)$`)
	seen, locks := map[string]bool{}, map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		count := 0
		for line := range strings.Lines(string(data)) {
			if strings.HasPrefix(line, "#") {
				continue
			}
			m := sample.FindStringSubmatch(strings.TrimRight(line, "\n"))
			if m == nil {
				t.Fatalf("%s: %s is no sample", file, line)
			}
			if id := strings.Join(m[1:4], " "); seen[id] {
				t.Errorf("%s: %s is there twice", file, line)
			} else {
				seen[id] = true
			}
			count++
			switch m[1] {
			case "plugins_lock_info":
				locks[m[2]]++
			case "plugins_last_apply_success":
				if m[4] != "1" {
					t.Errorf("%s: %s", file, line)
				}
			case "plugins_last_apply_timestamp_seconds":
			default: // pending changes, drift, interruption
				if m[4] != "0" {
					t.Errorf("%s: %s", file, line)
				}
			}
		}
		if count != 11 {
			t.Errorf("%s has %d samples, want 11", file, count)
		}
	}
	if len(locks) != 1 || locks[digest] != machines {
		t.Errorf("counted by lock: %v, want %d of %s", locks, machines, digest)
	}
}
