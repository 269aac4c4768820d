package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/plugins-hcl/plugins/plugin"
)

// loadUser reads the user's own file. It is nil where there is none.
func loadUser(opts Options, files map[string]*hcl.File) (*decoder, error) {
	if opts.UserConfig == "" {
		return nil, nil
	}
	src, err := read(opts.UserConfig, true)
	var missing *NotFoundError
	if errors.As(err, &missing) && !opts.UserConfigRequired {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(filepath.Dir(opts.UserConfig))
	if err != nil {
		return nil, fmt.Errorf("finding the folder of %s: %w", opts.UserConfig, err)
	}
	d := newDecoder(opts.UserConfig, dir, opts, files)
	if body := d.open(src); body != nil {
		d.user(body)
	}
	return d, nil
}

// addUser puts what the user's own file says before what the project's says, and
// drops what it replaces: of the mirrors, those for addresses of which one of the user's
// is to be the only way.
func (f *File) addUser(user *File) {
	mirrors := slices.DeleteFunc(f.Mirrors, func(m plugin.Mirror) bool {
		return slices.ContainsFunc(user.Mirrors, func(u plugin.Mirror) bool {
			return u.Only && strings.HasPrefix(m.Prefix, u.Prefix) || u.Prefix == m.Prefix && u.URL == m.URL
		})
	})
	f.Mirrors = append(user.Mirrors, mirrors...)
	credentials := slices.DeleteFunc(f.Credentials, func(c plugin.Credential) bool {
		return slices.ContainsFunc(user.Credentials, func(u plugin.Credential) bool { return u.Host == c.Host })
	})
	f.CertificateAuthorities = user.CertificateAuthorities
	f.Credentials = append(user.Credentials, credentials...)
}
