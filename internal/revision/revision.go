package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/plugins-hcl/plugins/plugin"
)

// NoGitError says that git is not installed, or cannot be started.
type NoGitError struct{ Err error }

func (e *NoGitError) Error() string { return "git cannot be run: " + e.Err.Error() }
func (e *NoGitError) Unwrap() error { return e.Err }

// NoRepositoryError says that a folder is in no repository that git would read.
type NoRepositoryError struct {
	Revision, Dir string
	Reason        string // what git said
}

func (e *NoRepositoryError) Error() string {
	return fmt.Sprintf("%q is no file, and no revision: git finds no repository in %s: %s", e.Revision, e.Dir, e.Reason)
}

// UnknownError says that a revision names no commit.
type UnknownError struct{ Revision string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("%q is no file, and no revision of this git repository", e.Revision)
}

// NotAFileError says that a revision has something else than a file at a path.
type NotAFileError struct{ Revision, Path string }

func (e *NotAFileError) Error() string {
	return fmt.Sprintf("%s is not a plain file in %s", e.Path, e.Revision)
}

// Read is the file name in the folder dir as the revision has it, at most max bytes.
// That it has none is [fs.ErrNotExist].
func Read(ctx context.Context, dir, revision, name string, max int64) ([]byte, error) {
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &NoGitError{Err: err}
	}
	g := git{dir: dir}
	if _, err := g.run(ctx, 1<<16, "rev-parse", "--git-dir"); err != nil {
		var failed *failedError
		if errors.As(err, &failed) {
			return nil, &NoRepositoryError{Revision: revision, Dir: dir, Reason: failed.said}
		}
		return nil, err
	}
	if strings.HasPrefix(revision, "-") {
		return nil, &UnknownError{Revision: revision} // to git it would be an option
	}
	commit, err := g.run(ctx, 1<<16, "rev-parse", "--verify", "--quiet", revision+"^{commit}")
	var failed *failedError
	if errors.As(err, &failed) {
		return nil, &UnknownError{Revision: revision}
	}
	if err != nil {
		return nil, err
	}
	listed, err := g.run(ctx, 1<<16, "ls-tree", "-z", strings.TrimSpace(string(commit)), "--", name)
	if err != nil {
		return nil, err
	}
	blob, err := blobOf(listed)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s in %s: %w", name, revision, err)
	case err != nil:
		return nil, &NotAFileError{Revision: revision, Path: name}
	}
	data, err := g.run(ctx, max, "cat-file", "blob", blob)
	if err != nil {
		return nil, fmt.Errorf("%s in %s: %w", name, revision, err)
	}
	return data, nil
}

var errNotAFile = errors.New("not a file")

// blobOf reads "MODE TYPE OBJECT\tPATH" as ls-tree prints it.
func blobOf(listed []byte) (string, error) {
	if len(listed) == 0 {
		return "", fs.ErrNotExist
	}
	about, _, _ := bytes.Cut(listed, []byte("\t"))
	fields := strings.Fields(string(about))
	if len(fields) != 3 || !strings.HasPrefix(fields[0], "100") || fields[1] != "blob" {
		return "", errNotAFile
	}
	return fields[2], nil
}

// git runs git in a folder.
type git struct{ dir string }

// failedError says that git ended with an error.
type failedError struct {
	command string
	said    string
}

func (e *failedError) Error() string { return fmt.Sprintf("git %s: %s", e.command, e.said) }

// run gives what git prints, at most max bytes of it. What it may be told by its
// configuration to fetch or to ask, it does not.
func (g git) run(ctx context.Context, max int64, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.dir
	cmd.WaitDelay = time.Second
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0",
		"GIT_NO_LAZY_FETCH=1", "GIT_LITERAL_PATHSPECS=1")
	var said bounded
	said.max = 4 << 10
	out := bounded{max: max + 1}
	cmd.Stdout, cmd.Stderr = &out, &said
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case errors.As(err, &exit):
		return nil, &failedError{command: args[0], said: firstLine(said.String(), exit)}
	case err != nil:
		return nil, &NoGitError{Err: err}
	case int64(out.Len()) > max:
		return nil, &plugin.TooLargeError{Max: max}
	}
	return out.Bytes(), nil
}

func firstLine(said string, exit error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	if line = strings.TrimPrefix(line, "fatal: "); line == "" {
		return exit.Error()
	}
	return line
}

// bounded keeps the beginning of what is written to it.
type bounded struct {
	bytes.Buffer
	max int64
}

func (b *bounded) Write(p []byte) (int, error) {
	room := max(b.max-int64(b.Len()), 0)
	b.Buffer.Write(p[:min(int64(len(p)), room)])
	return len(p), nil
}
