package fetch

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"time"

	"oras.land/oras-go/v2/registry/remote/auth"

	"github.com/plugins-hcl/plugins/plugin"
)

// dockerFile is Docker's config.json, or Podman's auth.json: who asks which registry, or
// which program knows.
//
// Sources: https://docs.docker.com/reference/cli/docker/login/#credential-stores and
// https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
type dockerFile struct {
	path        string
	Auths       map[string]dockerAuth `json:"auths"`
	CredHelpers map[string]string     `json:"credHelpers"`
	CredsStore  string                `json:"credsStore"`
}

type dockerAuth struct {
	Auth          string `json:"auth"` // USER:PASSWORD in base64
	Username      string `json:"username"`
	Password      string `json:"password"`
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`
}

const (
	maxDockerFile   = 4 << 20
	maxHelperAnswer = 1 << 20
	hubServer       = "https://index.docker.io/v1/"
)

// dockerLogin finds who asks for something in a repository. What stands in the way of
// that is an error beside what was found otherwise.
func dockerLogin(ctx context.Context, paths []string, ref plugin.OCIRef, patience time.Duration) (auth.Credential, error) {
	var errs []error
	for _, path := range paths {
		f, err := readDockerFile(path)
		if err == nil {
			var cred auth.Credential
			if cred, err = f.login(ctx, ref, patience); cred != auth.EmptyCredential {
				return cred, nil
			}
		}
		errs = append(errs, err)
	}
	return auth.EmptyCredential, errors.Join(errs...)
}

// readDockerFile reads a file that may be missing.
func readDockerFile(path string) (*dockerFile, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &dockerFile{}, nil
	}
	if err != nil {
		return nil, &HelperError{File: path, Err: bare(err)}
	}
	defer f.Close()
	data, err := plugin.ReadAtMost(f, maxDockerFile)
	if err != nil {
		return nil, &HelperError{File: path, Err: bare(err)}
	}
	out := &dockerFile{path: path}
	// The cause could quote a secret.
	if json.Unmarshal(data, out) != nil {
		return nil, &HelperError{File: path, Err: errors.New("it is not the JSON that Docker writes")}
	}
	return out, nil
}

func (f *dockerFile) login(ctx context.Context, ref plugin.OCIRef, patience time.Duration) (auth.Credential, error) {
	program := f.CredsStore
	for server, helper := range f.CredHelpers {
		if covering(server, ref.Host) >= 0 {
			program = helper
		}
	}
	var failed error
	if program != "" {
		cred, err := f.ask(ctx, "docker-credential-"+program, serverOf(ref.Host), patience)
		if cred != auth.EmptyCredential {
			return cred, nil
		}
		failed = err
	}
	best, found := -1, auth.EmptyCredential
	for server, a := range f.Auths {
		if n := covering(server, ref.Host+"/"+ref.Repository); n > best && a.credential() != auth.EmptyCredential {
			best, found = n, a.credential()
		}
	}
	return found, failed
}

// serverOf is what programs know a registry by.
func serverOf(host string) string {
	if host == dockerHub || host == dockerHubRegistry {
		return hubServer
	}
	return host
}

// covering is how much of a place a key of the file is for; -1 where it is for another.
// Docker writes hosts, or addresses of old; Podman also writes HOST/NAMESPACE.
func covering(key, place string) int {
	_, rest, ok := strings.Cut(key, "://")
	if ok {
		key, _, _ = strings.Cut(rest, "/")
	}
	key = strings.ToLower(strings.TrimSuffix(key, "/"))
	if key == "index.docker.io" || key == dockerHubRegistry || key == "index.docker.io/v1" {
		key = dockerHub
	}
	if host, rest, _ := strings.Cut(place, "/"); host == dockerHubRegistry {
		place = dockerHub + "/" + rest
	}
	if place == key || strings.HasPrefix(place, key+"/") {
		return len(key)
	}
	return -1
}

func (a dockerAuth) credential() auth.Credential {
	cred := auth.Credential{Username: a.Username, Password: a.Password, RefreshToken: a.IdentityToken, AccessToken: a.RegistryToken}
	if raw, err := base64.StdEncoding.DecodeString(a.Auth); a.Auth != "" && err == nil {
		user, password, _ := strings.Cut(string(raw), ":")
		cred.Username, cred.Password = user, strings.Trim(password, "\x00")
	}
	if cred.Password == "" && cred.RefreshToken == "" && cred.AccessToken == "" {
		return auth.EmptyCredential
	}
	return cred
}

// notFound is what programs print that have nothing for a registry.
// Source: https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
const notFound = "credentials not found in native keychain"

// ask has a program tell who asks a registry. What it prints may be a secret, and is
// shown to nobody.
func (f *dockerFile) ask(ctx context.Context, program, server string, patience time.Duration) (auth.Credential, error) {
	fail := func(err error) (auth.Credential, error) {
		return auth.EmptyCredential, &HelperError{Program: program, File: f.path, Err: err}
	}
	if strings.ContainsAny(program, `/\`) {
		return fail(errors.New("a program is named without its folder"))
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, program, "get")
	cmd.Stdin = strings.NewReader(server)
	cmd.Stdout = &limitedWriter{w: &out, left: maxHelperAnswer}
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	var missing *exec.Error
	switch {
	case errors.As(err, &exit) && strings.TrimSpace(out.String()) == notFound:
		return auth.EmptyCredential, nil
	case ctx.Err() != nil:
		return fail(errors.New("it did not answer"))
	case errors.As(err, &missing):
		return fail(missing.Err)
	case err != nil:
		return fail(err)
	}
	var answer struct{ Username, Secret string }
	if json.Unmarshal(out.Bytes(), &answer) != nil || answer.Secret == "" {
		return fail(errors.New("it did not answer with a user name and a secret"))
	}
	if answer.Username == "<token>" {
		return auth.Credential{RefreshToken: answer.Secret}, nil
	}
	return auth.Credential{Username: answer.Username, Password: answer.Secret}, nil
}

// limitedWriter takes so much, and fails then.
type limitedWriter struct {
	w    io.Writer
	left int
}

func (l *limitedWriter) Write(p []byte) (int, error) {
	if l.left -= len(p); l.left < 0 {
		return 0, errors.New("it answered with too much")
	}
	return l.w.Write(p)
}
