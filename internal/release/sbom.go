package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// bom is as much of CycloneDX 1.6 as a Go program needs. It says what was linked, as
// the program itself does, and has no serial number: the same program has the same one.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     bomMetadata  `json:"metadata"`
	Components   []component  `json:"components"`
	Compositions []completion `json:"compositions"`
}

type bomMetadata struct {
	Timestamp  string     `json:"timestamp"`
	Component  component  `json:"component"`
	Properties []property `json:"properties"`
}

type component struct {
	Ref        string      `json:"bom-ref"`
	Type       string      `json:"type"`
	Name       string      `json:"name"`
	Version    string      `json:"version"`
	Scope      string      `json:"scope,omitempty"`
	Hashes     []hash      `json:"hashes,omitempty"`
	Licenses   []licensed  `json:"licenses,omitempty"`
	PURL       string      `json:"purl"`
	References []reference `json:"externalReferences,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type licensed struct {
	License struct {
		ID string `json:"id"`
	} `json:"license"`
}

type reference struct {
	URL  string `json:"url"`
	Type string `json:"type"`
}

type property struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// completion says how much of something is told.
type completion struct {
	Aggregate  string   `json:"aggregate"`
	Assemblies []string `json:"assemblies"`
}

func sbom(src source, p program) ([]byte, error) {
	main := module(&debug.Module{Path: modulePath, Version: src.tag})
	main.Type = "application"
	main.Hashes = []hash{{"SHA-256", digest(p.data)}}
	main.Licenses = make([]licensed, 1)
	main.Licenses[0].License.ID = license
	main.References = []reference{{homepage + ".git", "vcs"}}
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: bomMetadata{Timestamp: src.time.Format(time.RFC3339), Component: main},
		// The standard library has weaknesses of its own that are looked up under this name.
		Components:   []component{module(&debug.Module{Path: "std", Version: strings.TrimPrefix(p.info.GoVersion, "go")})},
		Compositions: []completion{{"complete", []string{main.Ref}}},
	}
	for _, s := range p.info.Settings {
		b.Metadata.Properties = append(b.Metadata.Properties, property{"go:build:" + s.Key, s.Value})
	}
	for _, m := range linked(p.info) {
		c := module(m)
		sum, ok := strings.CutPrefix(m.Sum, "h1:")
		raw, err := base64.StdEncoding.DecodeString(sum)
		if !ok || err != nil {
			return nil, fmt.Errorf("%s: %q is no checksum", m.Path, m.Sum)
		}
		// Of the module's files, not of an archive: how go.sum and others' lists mean it.
		c.Hashes = []hash{{"SHA-256", hex.EncodeToString(raw)}}
		b.Components = append(b.Components, c)
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(b)
	return out.Bytes(), err
}

func module(m *debug.Module) component {
	purl := "pkg:golang/" + m.Path + "@" + url.PathEscape(m.Version)
	return component{Ref: purl, Type: "library", Name: m.Path, Version: m.Version, PURL: purl}
}

// linked are the modules in a program, sorted.
func linked(info *debug.BuildInfo) []*debug.Module {
	var modules []*debug.Module
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		modules = append(modules, m)
	}
	slices.SortFunc(modules, func(a, b *debug.Module) int { return strings.Compare(a.Path, b.Path) })
	return modules
}
