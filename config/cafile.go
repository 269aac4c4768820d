package config

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/plugins-hcl/plugins/plugin"
)

// decodeCAFile reads the file that ca_file names: certificates of authorities that are
// trusted besides the system's. They are this machine's affair, so that only the user's own
// file may name one.
func (b block) decodeCAFile() {
	t := b.text("ca_file")
	if !t.given {
		return
	}
	err := checkPath(t.s, b.d.opts.Home)
	if err == nil {
		b.d.file.CertificateAuthorities, err = readAuthorities(absolute(t.s, b.d.file.Dir, b.d.opts.Home))
	}
	if err != nil {
		b.d.reject(t, "Invalid ca_file", err)
	}
}

// readAuthorities reads certificates in PEM; what else stands in the file is none.
func readAuthorities(path string) ([]*x509.Certificate, error) {
	data, err := readRegular(path)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", path, err)
	}
	var all []*x509.Certificate
	for len(data) > 0 {
		var found *pem.Block
		if found, data = pem.Decode(data); found == nil {
			break
		}
		if found.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(found.Bytes)
		if err != nil {
			return nil, fmt.Errorf("certificate %d in %s is not valid: %w", len(all)+1, path, err)
		}
		all = append(all, cert)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is no certificate in %s: it must hold PEM, which starts with -----BEGIN CERTIFICATE-----", path)
	}
	return all, nil
}

// readRegular reads a file that is one: a pipe would be waited for.
func readRegular(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	if err != nil {
		return nil, bare(err)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, bare(err)
	}
	defer f.Close()
	return plugin.ReadAtMost(f, MaxSize)
}

// bare drops the path from an error whose context tells it already.
func bare(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}
