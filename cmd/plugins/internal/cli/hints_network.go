package cli

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/plugins-hcl/plugins/installed"
	"github.com/plugins-hcl/plugins/internal/access"
	"github.com/plugins-hcl/plugins/internal/swap"
	"github.com/plugins-hcl/plugins/internal/trust"
	"github.com/plugins-hcl/plugins/plugin"
	"github.com/plugins-hcl/plugins/project"
)

// hintReach is for what stands between this machine and a document or a package.
func hintReach(err error) string {
	var (
		status *access.StatusError
		page   *plugin.PageError
		idle   *access.IdleError
		cert   *tls.CertificateVerificationError
		record tls.RecordHeaderError
		dns    *net.DNSError
		broken *net.OpError

		nowhere *access.NowhereError
	)
	switch {
	case errors.As(err, &page):
		return "Something answered with a page for people: a login, a proxy or a captive portal. Open the address in a browser to see it.\n" +
			"If it wants a token: " + tokenPlace("HOST")
	case errors.As(err, &status):
		return hintStatus(status)
	case errors.As(err, &idle):
		return "Run it again. If the server is just slow, let the plugin wait longer:\n  limits { idle = \"5m\" }"
	case errors.Is(err, access.ErrRedirect):
		return "Ask whoever runs the server for the address that it leads to, and use that: in the registry's url, the source or a mirror."
	case errors.Is(err, access.ErrInsecure):
		return "Write https:// in the address. If the server has none, take the token away."
	case errors.As(err, &cert):
		return "If the server's certificate is your company's own, name its authority's file in your own file (PLUGINS_CONFIG, default plugins/config.hcl in the\nuser configuration directory), or let the system trust it:\n  ca_file = \"company.pem\"\nIf not, do not go on."
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return "The server speaks http, not https, at this port: check the address."
	case errors.As(err, &nowhere) && (errors.As(err, &dns) || errors.As(err, &broken)):
		return "If only a mirror can be reached from here, say so in its block, and nobody else is asked:\n  only = true"
	case errors.As(err, &dns):
		return fmt.Sprintf("Check the address and the network. Where %s cannot be reached from here, put a mirror in front:\n%s", dns.Name, mirrorLines)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "Run it again: the connection broke."
	case errors.As(err, &broken):
		return "Check the address, the network and the proxy (HTTPS_PROXY, NO_PROXY), and run it again. Where the host cannot be reached from here, put a mirror in front:\n" + mirrorLines
	}
	return ""
}

const mirrorLines = "  mirror \"https://HOST/\" { url = \"https://MIRROR/\" }"

// hintStatus is for a server's answer.
func hintStatus(e *access.StatusError) string {
	switch {
	case (e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden) && e.TokenSent:
		return "Check the token for " + e.Host + ": whether it is the right one, still valid, and allowed to read this. It comes from the registry's block, from a\ncredentials block in plugins.hcl or your own file (PLUGINS_CONFIG), from GH_TOKEN, GITHUB_TOKEN or RELEASES_TOKEN, or from .netrc."
	case e.Code == http.StatusUnauthorized, e.Code == http.StatusForbidden:
		return "It wants a token: " + tokenPlace(e.Host)
	case e.Code == http.StatusProxyAuthRequired:
		return "The proxy wants a login: HTTPS_PROXY=http://USER:PASSWORD@PROXY"
	case e.Code == http.StatusNotFound, e.Code == http.StatusGone:
		return "Check the address: in the registry's url, the source or a mirror. Some servers answer so, too, where a token is missing."
	case e.Code == http.StatusTooManyRequests:
		return "Wait, or use a token: " + tokenPlace(e.Host)
	case e.Code >= http.StatusInternalServerError:
		return "The server is at fault. Run it again later, or use a mirror."
	}
	return ""
}

// tokenPlace says where a token for a host goes.
func tokenPlace(host string) string {
	text := fmt.Sprintf("write it in plugins.hcl, or in your own file (PLUGINS_CONFIG, default\nplugins/config.hcl in the user configuration directory):\n  credentials %q { token = env(\"MY_TOKEN\") }\n", host) +
		"or, for a registry of its own, as token in the registry's block."
	if name, _, _ := strings.Cut(host, ":"); name == "github.com" || name == "api.github.com" {
		text += " For GitHub, GH_TOKEN or GITHUB_TOKEN will do."
	}
	return text
}

// hintPolicy is for what the project does not allow.
func hintPolicy(err error) string {
	var policy *trust.PolicyError
	if !errors.As(err, &policy) {
		return ""
	}
	return fmt.Sprintf("If it is to be allowed, add it to %s in the policy block of plugins.hcl; else change the plugin's source.", policy.Setting)
}

// hintLinks is for a symbolic link, or a file, where something else must be.
func hintLinks(err error) string {
	var (
		link *swap.OutsideError
		not  *installed.NotADirectoryError
		path *fs.PathError

		folder *swap.NoFolderError

		notOurs *project.MirrorConfigError
		inside  *project.InPluginDirError
	)
	switch {
	case errors.As(err, &notOurs), errors.As(err, &inside):
		return "Choose another folder."
	case errors.As(err, &link):
		return "Make the link lead to a file inside the project, or name the file itself: with --lock-file, or --file."
	case errors.As(err, &not) && not.Mode&fs.ModeSymlink != 0:
		return fmt.Sprintf("Remove the link (what it leads to stays), then run: plugins apply\n  rm %s", not.Path)
	case errors.As(err, &not):
		return "Move it away, then run: plugins apply"
	case errors.As(err, &path) && errors.Is(path.Err, syscall.ELOOP):
		return "Remove the link, or make it lead to a file."
	case errors.As(err, &folder):
		return "Make the folder, or name another place."
	}
	return ""
}
