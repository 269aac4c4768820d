package fetch

import (
	"net/url"
	"strings"

	"github.com/plugins-hcl/plugins/plugin"
)

// addressSecrets are the parts of an address that [plugin.RedactURL] leaves out.
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
			clean = strings.ReplaceAll(clean, s, plugin.Sensitive)
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
