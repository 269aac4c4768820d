package fetch

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// Redact writes an address so that it may be shown and logged: without user and
// password, and with "?…" for a query, which is where signed addresses keep theirs.
func Redact(address string) string {
	shown := address
	if !filepath.IsAbs(address) {
		if i := strings.IndexAny(shown, "?#"); i >= 0 {
			shown = shown[:i] + shown[i:i+1] + "…"
		}
		shown = redactUser(shown)
	}
	if strings.ContainsFunc(shown, unicode.IsControl) {
		return strconv.Quote(shown)
	}
	return shown
}

func redactUser(address string) string {
	scheme, after, ok := strings.Cut(address, "://")
	if !ok {
		return address
	}
	end := strings.IndexByte(after, '/')
	if _, err := url.Parse(address); err != nil || end < 0 {
		// An unescaped "/" in a password is one of the mistakes that end up here.
		end = len(after)
	}
	at := strings.LastIndexByte(after[:end], '@')
	if at < 0 {
		return address
	}
	return scheme + "://…" + after[at:]
}

// addressSecrets are the parts of an address that [Redact] leaves out.
func addressSecrets(address string) []string {
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	var secrets []string
	if u.User != nil {
		password, _ := u.User.Password()
		secrets = append(secrets, u.User.String(), password, basic(u.User.Username(), password))
		if password == "" || password == "x-oauth-basic" {
			secrets = append(secrets, u.User.Username())
		}
	}
	if u.RawQuery != "" {
		secrets = append(secrets, u.RawQuery)
	}
	return secrets
}

// minSecret is the length from which a secret is searched for in the text of an
// error. Shorter ones would be found in ordinary words.
const minSecret = 6

// scrub hides secrets in the text of err. It is the second line: no error made
// here holds one, but net/http quotes what a server answered.
func scrub(err error, secrets []string) error {
	text := err.Error()
	clean := text
	for _, s := range secrets {
		if len(s) >= minSecret {
			clean = strings.ReplaceAll(clean, s, "…")
		}
	}
	if clean == text {
		return err
	}
	return &scrubbedError{text: clean, err: err}
}

type scrubbedError struct {
	text string
	err  error
}

func (e *scrubbedError) Error() string { return e.text }
func (e *scrubbedError) Unwrap() error { return e.err }
