package main

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sync/errgroup"
)

const floorWorkers = 8

// floor is what no program that does the same can be below: it reads each plugin.json
// there is, downloads, hashes and unpacks packages, and does nothing else. It is a process
// like those it is compared with.
func floor(args []string) error {
	flags := flag.NewFlagSet("floor", flag.ContinueOnError)
	read := flags.String("read", "", "read each plugin.json of this plugin directory")
	documents := flags.String("documents", "", "fetch and parse the JSON documents whose addresses this file lists")
	list := flags.String("list", "", "install the packages that this file lists: name, address and digest a line")
	to := flags.String("to", "", "where to")
	durable := flags.Bool("durable", false, "then have the file system write all of it down")
	if err := flags.Parse(args); err != nil {
		return err
	}
	// The usual client keeps two connections to a host.
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = floorWorkers
	client := &http.Client{Transport: transport}
	if *read != "" {
		if err := readManifests(*read); err != nil {
			return err
		}
	}
	if *documents != "" {
		if err := eachLine(*documents, func(fields []string) error { return parseDocument(client, fields[0]) }); err != nil {
			return err
		}
	}
	if *list != "" {
		err := eachLine(*list, func(fields []string) error {
			return install(client, filepath.Join(*to, fields[0]), fields[1], fields[2])
		})
		if err != nil {
			return err
		}
	}
	if *durable {
		return syncFileSystem(*to)
	}
	return nil
}

func readManifests(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := readManifest(filepath.Join(dir, e.Name(), "plugin.json")); err != nil {
			return err
		}
	}
	return nil
}

type manifest struct{ Name, Version string }

func readManifest(path string) (m manifest, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(data, &m)
}

// eachLine does something with the words of each line of a file, several at a time.
func eachLine(path string, do func([]string) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var g errgroup.Group
	g.SetLimit(floorWorkers)
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		g.Go(func() error { return do(fields) })
	}
	return errors.Join(lines.Err(), g.Wait())
}

func get(client *http.Client, url string) (io.ReadCloser, error) {
	resp, err := client.Get(url)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("%s: %s", url, resp.Status)
	}
	return resp.Body, nil
}

func parseDocument(client *http.Client, url string) error {
	body, err := get(client, url)
	if err != nil {
		return err
	}
	defer body.Close()
	var d document
	return json.NewDecoder(body).Decode(&d)
}

func install(client *http.Client, dir, url, digest string) error {
	body, err := get(client, url)
	if err != nil {
		return err
	}
	defer body.Close()
	sum := sha256.New()
	in := io.TeeReader(body, sum)
	zipped, err := gzip.NewReader(in)
	if err != nil {
		return err
	}
	if err := unpack(tar.NewReader(zipped), dir); err != nil {
		return err
	}
	// A tar ends before its gzip does, and a connection is used again that was read out.
	if _, err := io.Copy(io.Discard, zipped); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", sum.Sum(nil)); got != digest {
		return fmt.Errorf("%s has the digest %s, not %s", url, got, digest)
	}
	return nil
}

func unpack(archive *tar.Reader, dir string) error {
	made := ""
	for {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		path := filepath.Join(dir, filepath.FromSlash(h.Name))
		if parent := filepath.Dir(path); parent != made {
			if err := os.MkdirAll(parent, 0o755); err != nil {
				return err
			}
			made = parent
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, h.FileInfo().Mode())
		if err != nil {
			return err
		}
		_, err = io.Copy(f, archive)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
	}
}
