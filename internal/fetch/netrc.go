package fetch

import (
	"io"
	"net/url"
	"os"
	"strings"
)

// machine is one entry of a .netrc; the one named "default" has no name.
type machine struct {
	name            string
	login, password string
}

const maxNetrc = 1 << 20

// readNetrc reads an optional file: what cannot be read is as good as absent,
// and a server that wants a password says so.
func readNetrc(path string) []machine {
	if path == "" {
		return nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxNetrc))
	if err != nil {
		return nil
	}
	return parseNetrc(string(text))
}

// findMachine is the first entry for the host of u. The default entry counts only
// for a host that was asked for, not for one that a redirect leads to.
func findMachine(machines []machine, u *url.URL, asked bool) (machine, bool) {
	for _, m := range machines {
		switch {
		case m.name == "" && !asked:
		case m.name == "", strings.EqualFold(m.name, u.Hostname()), strings.EqualFold(m.name, u.Host):
			return m, true
		}
	}
	return machine{}, false
}

// parseNetrc reads what curl reads: machine, default, login, password, account,
// macdef, quoted values and comments. Entries without a password say nothing.
func parseNetrc(text string) []machine {
	s := netrcScanner{rest: text}
	var all []machine
	open := false
	for {
		word, ok := s.keyword()
		if !ok {
			break
		}
		switch word {
		case "machine":
			all = append(all, machine{name: s.value()})
			open = true
		case "default":
			all = append(all, machine{})
			open = true
		case "macdef":
			s.skipMacro()
		case "login", "password", "account":
			value := s.value()
			if !open {
				continue
			}
			switch m := &all[len(all)-1]; word {
			case "login":
				m.login = value
			case "password":
				m.password = value
			}
		}
	}
	return withPassword(all)
}

// withPassword drops entries that could send nothing, and all behind the default
// one, which the format ends with.
func withPassword(all []machine) []machine {
	var kept []machine
	for _, m := range all {
		if m.password == "" {
			continue
		}
		kept = append(kept, m)
		if m.name == "" {
			break
		}
	}
	return kept
}

type netrcScanner struct{ rest string }

const netrcSpace = " \t\r\n"

// keyword is the next word outside of comments. Only here may a comment stand: a
// password may start with "#".
func (s *netrcScanner) keyword() (string, bool) {
	for {
		s.rest = strings.TrimLeft(s.rest, netrcSpace)
		if s.rest == "" {
			return "", false
		}
		if s.rest[0] != '#' {
			return s.value(), true
		}
		_, s.rest, _ = strings.Cut(s.rest, "\n")
	}
}

func (s *netrcScanner) value() string {
	s.rest = strings.TrimLeft(s.rest, netrcSpace)
	if strings.HasPrefix(s.rest, `"`) {
		return s.quoted()
	}
	end := strings.IndexAny(s.rest, netrcSpace)
	if end < 0 {
		end = len(s.rest)
	}
	word := s.rest[:end]
	s.rest = s.rest[end:]
	return word
}

func (s *netrcScanner) quoted() string {
	var b strings.Builder
	for i := 1; i < len(s.rest); i++ {
		switch c := s.rest[i]; {
		case c == '"':
			s.rest = s.rest[i+1:]
			return b.String()
		case c == '\\' && i+1 < len(s.rest):
			i++
			b.WriteByte(unescapeNetrc(s.rest[i]))
		default:
			b.WriteByte(c)
		}
	}
	s.rest = ""
	return b.String()
}

func unescapeNetrc(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// skipMacro passes over a macro, which ends at the first empty line.
func (s *netrcScanner) skipMacro() {
	for s.rest != "" {
		line, rest, _ := strings.Cut(s.rest, "\n")
		s.rest = rest
		if strings.TrimSpace(line) == "" {
			return
		}
	}
}
