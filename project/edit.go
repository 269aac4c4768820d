package project

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/plugins-hcl/plugins/config"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/lock"
	"github.com/plugins-hcl/plugins/plugin"
)

// ChangedMeanwhileError says that somebody else changed a file while it was worked on.
// It is as that somebody left it.
type ChangedMeanwhileError struct{ Path string }

func (e *ChangedMeanwhileError) Error() string {
	return e.Path + " was changed by somebody else meanwhile, and is left as it is now"
}

// edit is a change of the configuration and its lock together.
type edit struct {
	project *Project
	src     []byte
	mode    os.FileMode
}

// edit begins one: with the text that the project was read from.
func (p *Project) edit() (*edit, error) {
	if p.blind {
		return nil, ErrNoConfig
	}
	if err := config.Editable(p.Config.Path); err != nil {
		return nil, err
	}
	src, mode, err := readFile(p.Config.Path)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(src); plugin.NewDigest(plugin.SHA256, sum[:]) != p.Config.Digest {
		return nil, &ChangedMeanwhileError{Path: p.Config.Path}
	}
	return &edit{project: p, src: src, mode: mode}, nil
}

// with is the project as it will be with another text of its configuration.
func (p *Project) with(text []byte) (*Project, error) {
	home, _ := os.UserHomeDir() // config explains where a "~" needs it
	o := config.Options{Env: p.env, Home: home, ProgramVersion: p.options.Program}
	o.UserConfig, o.UserConfigRequired = p.userConfig()
	c, err := config.Parse(text, p.Config.Path, o)
	if err != nil {
		return nil, err
	}
	next := *p
	next.Config = c
	return &next, nil
}

// write puts both files in their places, or neither. Between its names and theirs
// there is time for a last look only: what somebody else wrote meanwhile stays.
func (e *edit) write(text []byte, locked *Locked) error {
	p := e.project
	var files []swap.File
	if !bytes.Equal(text, e.src) {
		target, err := swap.Follow(p.Config.Path, filepath.Dir(p.Config.Path))
		if err != nil {
			return err
		}
		files = append(files, swap.File{Path: target, Data: text, Mode: e.mode})
	}
	before, after := lock.Format(locked.Before), lock.Format(locked.After)
	if !bytes.Equal(before, after) {
		target, err := swap.Follow(p.LockPath, p.Config.Dir)
		if err != nil {
			return err
		}
		files = append(files, swap.File{Path: target, Data: after, Mode: 0o644})
	}
	now, _, err := readFile(p.Config.Path)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, e.src) {
		return &ChangedMeanwhileError{Path: p.Config.Path}
	}
	l, err := p.locked()
	if err != nil {
		return err
	}
	if !bytes.Equal(lock.Format(l), before) {
		return &ChangedMeanwhileError{Path: p.LockPath}
	}
	if err := swap.WriteFiles(files...); err != nil {
		return fmt.Errorf("writing %s and %s: %w", filepath.Base(p.Config.Path), filepath.Base(p.LockPath), err)
	}
	return nil
}
