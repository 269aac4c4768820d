//go:build unix

package store_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/plugins-hcl/plugins/internal/store"
	"github.com/plugins-hcl/plugins/plugin"
)

// What another user does in the cache, told by the environment: see asUser.
func TestMain(m *testing.M) {
	if do := os.Getenv("STORE_TEST_DO"); do != "" {
		if err := actAs(do, os.Getenv("STORE_TEST_DIR"), os.Getenv("STORE_TEST_URL")); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func actAs(do, dir, url string) error {
	s, err := store.Open(dir)
	if err != nil {
		return err
	}
	defer s.Close()
	if do == "clean" {
		c, err := s.Clean(0)
		fmt.Printf("packages %d, denied %d", c.Packages, c.Denied)
		return err
	}
	observe := func(e plugin.Event) {
		if w, ok := e.(plugin.WarningEvent); ok {
			fmt.Printf("warning: %s; ", w.Message)
		}
	}
	b, err := s.Package(context.Background(), client(), store.Request{URL: url, Want: digest(content)}, observe)
	if err != nil {
		return err
	}
	defer b.Close()
	data, err := io.ReadAll(b)
	fmt.Printf("right %v, cached %v", string(data) == string(content), b.Cached)
	return err
}

// asUser does something in the cache as another user, and gives what that told.
func asUser(t *testing.T, uid uint32, do, dir, url string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "store.test")
	data, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, data, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	openTo(t, program)
	var out []byte
	for busy := true; busy; busy = errors.Is(err, syscall.ETXTBSY) {
		// A process that another test starts has the new file open for a moment: https://go.dev/issue/22315.
		cmd := exec.Command(program)
		cmd.Dir = "/"
		cmd.Env = []string{"STORE_TEST_DO=" + do, "STORE_TEST_DIR=" + dir, "STORE_TEST_URL=" + url, "TMPDIR=/tmp"}
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
		out, err = cmd.CombinedOutput()
	}
	if err != nil {
		t.Fatalf("user %d cannot %s: %v, %s", uid, do, err, out)
	}
	return string(out)
}

// openTo lets others reach a path in a folder of the test.
func openTo(t *testing.T, path string) {
	t.Helper()
	for dir := filepath.Dir(path); strings.HasPrefix(dir, os.TempDir()+"/"); dir = filepath.Dir(dir) {
		if err := os.Chmod(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// Several users share one cache: each finds what the others fetched, trusts none of it, and
// is stopped by nothing that he cannot remove.
func TestSharedByUsers(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can be several users")
	}
	const ann, bob = 12345, 54321
	srv := serveContent(t)
	dir := filepath.Join(t.TempDir(), "cache")
	openTo(t, dir)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	if got := asUser(t, ann, "get", dir, srv.URL); got != "right true, cached false" {
		t.Fatalf("ann: %s", got)
	}
	for _, folder := range []string{"sha256", filepath.Dir(strings.TrimPrefix(blobPath(dir), dir+"/")), "tmp"} {
		if info, err := os.Stat(filepath.Join(dir, folder)); err != nil || info.Mode() != os.ModeDir|os.ModeSticky|0o777 {
			t.Errorf("%s: %v, %v", folder, info, err)
		}
	}
	if got := asUser(t, bob, "get", dir, srv.URL); got != "right true, cached true" {
		t.Errorf("bob: %s", got)
	}
	if b := get(t, open(t, dir), store.Request{URL: srv.URL, Want: digest(content)}); !b.Cached {
		t.Error("root does not find it")
	} else {
		// What root reads, its owner cannot change any more.
		if err := os.WriteFile(blobPath(dir), []byte("changed under the reader"), 0o644); err != nil {
			t.Fatal(err)
		}
		wantContent(t, b)
	}
	requests := srv.requests.Load()
	if got := asUser(t, bob, "get", dir, srv.URL); !strings.Contains(got, "right true, cached false") || srv.requests.Load() != requests+1 {
		t.Errorf("bob, where ann's is corrupt: %s after %d requests", got, srv.requests.Load())
	}
	if got := asUser(t, bob, "clean", dir, ""); got != "packages 0, denied 1" {
		t.Errorf("bob cleans: %s", got)
	}
	if got := asUser(t, ann, "get", dir, srv.URL); got != "right true, cached false" {
		t.Errorf("ann mends hers: %s", got)
	}
	if got := asUser(t, ann, "clean", dir, ""); got != "packages 1, denied 0" {
		t.Errorf("ann cleans: %s", got)
	}
}

// What is used is younger than what is not, however the disk is mounted.
func TestUseIsNoted(t *testing.T) {
	t.Parallel()
	srv := serveContent(t)
	dir := t.TempDir()
	r := store.Request{URL: srv.URL, Want: digest(content)}
	get(t, open(t, dir), r)
	old := time.Now().Add(-50 * 24 * time.Hour)
	if err := os.Chtimes(blobPath(dir), old, old); err != nil {
		t.Fatal(err)
	}
	u, err := open(t, dir).Usage()
	if err != nil || u.Packages != 1 || u.Bytes != int64(len(content)) || u.Unused.Sub(old).Abs() > time.Second {
		t.Errorf("usage: %+v, %v", u, err)
	}
	get(t, open(t, dir), r)
	if c, err := open(t, dir).Clean(time.Hour); err != nil || c.Packages != 0 {
		t.Errorf("what was used is removed: %+v, %v", c, err)
	}
	if err := os.Chtimes(blobPath(dir), old, old); err != nil {
		t.Fatal(err)
	}
	if c, err := open(t, dir).Clean(51 * 24 * time.Hour); err != nil || c.Packages != 0 {
		t.Errorf("what was used since is removed: %+v, %v", c, err)
	}
	if c, err := open(t, dir).Clean(49 * 24 * time.Hour); err != nil || c.Packages != 1 || c.Bytes != int64(len(content)) {
		t.Errorf("what was not used stays: %+v, %v", c, err)
	}
	if _, err := os.Stat(filepath.Dir(blobPath(dir))); !os.IsNotExist(err) {
		t.Errorf("its folder stays: %v", err)
	}
}

// What is under way is not cleaned away; what broke off is.
func TestCleanLeavesWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	var r store.Request
	dir, _ := brokenOff(t, &r)
	lock := flock.New(partPath(dir), flock.SetFlag(os.O_RDONLY))
	if ok, err := lock.TryLock(); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if c, err := open(t, dir).Clean(0); err != nil || c != (store.Cleaned{}) {
		t.Errorf("cleaned %+v, %v", c, err)
	}
	wantFiles(t, dir, notePath(dir), partPath(dir))
	if err := lock.Close(); err != nil {
		t.Fatal(err)
	}
	if u, err := open(t, dir).Usage(); err != nil || u.Partial != 1 || u.Packages != 0 || u.Bytes < 100_000 {
		t.Errorf("usage: %+v, %v", u, err)
	}
	if c, err := open(t, dir).Clean(time.Hour); err != nil || c != (store.Cleaned{}) {
		t.Errorf("cleaned %+v, %v", c, err)
	}
	if c, err := open(t, dir).Clean(0); err != nil || c.Bytes < 100_000 || c.Packages != 0 {
		t.Errorf("cleaned %+v, %v", c, err)
	}
	wantFiles(t, dir)
}
