package plugin_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/plugins-hcl/plugins/plugin"
)

func TestRedactURL(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://a.example/x":                  "https://a.example/x",
		"https://a.example/x?y=z":              "https://a.example/x?(sensitive)",
		"https://a.example/x?":                 "https://a.example/x?",
		"https://a.example/x#y":                "https://a.example/x#(sensitive)",
		"https://a.example/x?y z#a b":          "https://a.example/x?(sensitive)",
		"x/y?z=1":                              "x/y?(sensitive)",
		"https://me:secret@a.example/x":        "https://(sensitive)@a.example/x",
		"https://secret@a.example":             "https://(sensitive)@a.example",
		"https://me:sec@ret@a.example/x":       "https://(sensitive)@a.example/x",
		"https://me:sec/ret@a.example/x":       "https://(sensitive)@a.example/x",
		"https://me:sec?ret@a.example/x":       "https://(sensitive)@a.example/x",
		"https://me:sec#ret@a.example/x?y":     "https://(sensitive)@a.example/x?(sensitive)",
		"https://me:sec ret@a.example/x":       "https://(sensitive)@a.example/x",
		"https://me:sec%zzret@a.example/x":     "https://(sensitive)@a.example/x",
		"https://a.example/@scope/x":           "https://a.example/@scope/x",
		"https://a.example:8443/@scope/x":      "https://a.example:8443/@scope/x",
		"https://me:secret@a.example?x=a@b":    "https://(sensitive)@a.example?(sensitive)",
		"file:///tmp/x?y":                      "file:///tmp/x?(sensitive)",
		"file:///tmp/@scope/x":                 "file:///tmp/@scope/x",
		"/tmp/what?/@x#1":                      "/tmp/what?/@x#1",
		"https://a.example/\x1b[2J":            `"https://a.example/\x1b[2J"`,
		"":                                     "",
		"https://me:s3cret%40@a.example:80/x/": "https://(sensitive)@a.example:80/x/",
	} {
		if got := plugin.RedactURL(address); got != want {
			t.Errorf("%s is shown as %s, want %s", address, got, want)
		}
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "",
		"nothing in it? No: nothing.": "nothing in it? No: nothing.",
		"a://":                        "a://",
		"see https://h/x?y=z for more, or https://u:p@h/":          "see https://h/x?(sensitive) for more, or https://(sensitive)@h/",
		`"https://h/x?y=z" is not one; write "./x"`:                `"https://h/x?(sensitive)" is not one; write "./x"`,
		"at https://h/x?y=z: 404, not https://h/?a, https://h/?b.": "at https://h/x?(sensitive): 404, not https://h/?(sensitive), https://h/?(sensitive).",
		"GET https://h/x?y=z\nor not":                              "GET https://h/x?(sensitive)\nor not",
		`https://h/${version}/x_${os}.zip?sig=${local.x}`:          `https://h/${version}/x_${os}.zip?(sensitive)`,
		`https://h/${os == "linux" ? "l" : "w"}/x`:                 `https://h/${os == "linux" ? "l" : "w"}/x`,
		`${local.base}/x?sig=abc`:                                  `${local.base}/x?(sensitive)`,
		`format("https://h/%s?t=\"abc\"", version)`:                `format("https://h/%s?(sensitive)", version)`,
		`format("${local.base}?t=abc", version)`:                   `format("${local.base}?(sensitive)", version)`,
		`true ? "https://u:p@h/x" : "./y"`:                         `true ? "https://(sensitive)@h/x" : "./y"`,
		`https://${local.user}:pw@${local.host}/x`:                 `https://(sensitive)@${local.host}/x`,
		`https://${local.host}:8080/@x`:                            `https://${local.host}:8080/@x`,
		`https://h/${unclosed?a=b`:                                 `https://h/${unclosed?(sensitive)`,
	} {
		if got := plugin.Redact(text); got != want {
			t.Errorf("%s\nis shown as %s\nwant        %s", text, got, want)
		}
	}
}

// A secret in an address of any shape, in any text, is never shown, and what stands
// around the address stays.
func TestRedactProperty(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		// With both an "@" and a "/" unescaped, a password may as well be a host and a path.
		secret := "S3" + rapid.OneOf(
			rapid.StringMatching(`[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,12}`),
			rapid.StringMatching(`[a-zA-Z0-9._~!$&'()*+,;=:/?#-]{0,12}`),
		).Draw(t, "secret") + "T0"
		host := rapid.SampledFrom([]string{"h", "a.example", "h:8443", "[::1]:80", "${local.host}"}).Draw(t, "host")
		path := rapid.StringMatching(`(/[a-z@.-]{1,6}){0,3}`).Draw(t, "path")
		address := map[string]string{
			"password": "https://me:" + secret + "@" + host + path,
			"query":    "https://" + host + path + "?a=" + secret,
			// Without a colon before it, an unescaped "/" starts the path.
			"both":     "oci://" + strings.NewReplacer("/", "%2f", "?", "%3f", "#", "%23").Replace(secret) + ":x@" + host + path + "?" + secret,
			"fragment": "http://" + host + path + "#" + secret,
		}[rapid.SampledFrom([]string{"password", "query", "both", "fragment"}).Draw(t, "where")]
		before := rapid.SampledFrom([]string{"", "GET ", `"`, "(", "a\n", "x=", "é"}).Draw(t, "before")
		after := rapid.SampledFrom([]string{"", " is wrong", `": no`, "\nmore", ": 404", ", no", "."}).Draw(t, "after")
		got := plugin.Redact(before + address + after)
		if strings.Contains(got, secret) || strings.Contains(got, "T0") {
			t.Fatalf("%s is shown as %s", address, got)
		}
		if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) || !strings.Contains(got, plugin.Sensitive) {
			t.Fatalf("%q became %q", before+address+after, got)
		}
		if again := plugin.Redact(got); again != got {
			t.Fatalf("redacted again, %q becomes %q", got, again)
		}
		if got := plugin.RedactURL(address); strings.Contains(got, "T0") {
			t.Fatalf("%s is shown as %s", address, got)
		}
	})
}

func FuzzRedact(f *testing.F) {
	f.Add("https://u:p@h/x?y#z")
	f.Add(`"${a}?b" http://${c}:d@e\"f`)
	f.Fuzz(func(t *testing.T, text string) {
		last := 0
		for _, p := range plugin.SensitiveParts(text) {
			if p[0] < last || p[1] <= p[0] || p[1] > len(text) {
				t.Fatalf("parts of %q: %v", text, plugin.SensitiveParts(text))
			}
			last = p[1]
		}
		once := plugin.Redact(text)
		if twice := plugin.Redact(once); twice != once {
			t.Errorf("%q becomes %q, then %q", text, once, twice)
		}
		plugin.RedactURL(text)
	})
}
