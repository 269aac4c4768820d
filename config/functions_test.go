package config_test

import (
	"strings"
	"testing"
)

// The functions people know from Terraform do what they do there.
func TestFunctions(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`env("OS")`:                                                       "linux",
		`env("UNSET") == null ? "none" : "some"`:                          "none",
		`coalesce(env("UNSET"), env("EMPTY"), "d")`:                       "d",
		`coalesce(env("OS"), "d")`:                                        "linux",
		`upper("a")`:                                                      "A",
		`title("a b")`:                                                    "A B",
		`trim("!a!", "!")`:                                                "a",
		`trimprefix("v1", "v")`:                                           "1",
		`trimsuffix("a.zip", ".zip")`:                                     "a",
		`trimspace(" a ")`:                                                "a",
		`replace("a.b", ".", "-")`:                                        "a-b",
		`replace("a1b2", "/[0-9]/", "-")`:                                 "a-b-",
		`regex("v([0-9]+)", "v12")[0]`:                                    "12",
		`join(",", regexall("[0-9]", "1a2"))`:                             "1,2",
		`substr("hello", 1, 3)`:                                           "ell",
		`join("-", split("/", "a/b"))`:                                    "a-b",
		`format("%s-%03d", "a", 7)`:                                       "a-007",
		`join(",", formatlist("%s!", ["a", "b"]))`:                        "a!,b!",
		`lookup({a = "x"}, "b", "d")`:                                     "d",
		`merge({a = "x"}, {a = "y"}).a`:                                   "y",
		`join(",", concat(["a"], ["b"]))`:                                 "a,b",
		`contains(["a"], "a") ? "yes" : "no"`:                             "yes",
		`join(",", keys({b = 1, a = 2}))`:                                 "a,b",
		`join(",", values({b = "1", a = "2"}))`:                           "2,1",
		`"${length("héé")}${length([1, 2])}${length({a = 1})}"`:           "321",
		`element(["a", "b"], 3)`:                                          "b",
		`["x", "y"][index(["a", "b"], "b")]`:                              "y",
		`join(",", flatten([["a"], ["b", ["c"]]]))`:                       "a,b,c",
		`join(",", distinct(["a", "a"]))`:                                 "a",
		`join(",", compact(["a", "", "b"]))`:                              "a,b",
		`coalescelist([], ["a"])[0]`:                                      "a",
		`join(",", reverse(["a", "b"]))`:                                  "b,a",
		`join(",", sort(["b", "a"]))`:                                     "a,b",
		`join(",", slice(["a", "b", "c"], 1, 3))`:                         "b,c",
		`join(",", toset(["b", "a", "b"]))`:                               "a,b",
		`tostring(tonumber("7") + 1)`:                                     "8",
		`tobool("true") ? "yes" : "no"`:                                   "yes",
		`tolist(["a"])[0]`:                                                "a",
		`tomap({a = "x"})["a"]`:                                           "x",
		`jsonencode({a = [1]})`:                                           `{"a":[1]}`,
		`jsondecode("{\"a\": \"x\"}").a`:                                  "x",
		`"${min(1, 2)}${max(1, 2)}${abs(-3)}${ceil(1.2)}${floor(1.8)}"`:   "12321",
		`chomp("a\n")`:                                                    "a",
		`indent(2, "a\nb")`:                                               "a\n  b",
		`strrev("abc")`:                                                   "cba",
		`zipmap(["a"], ["x"]).a`:                                          "x",
		`join(",", range(3))`:                                             "0,1,2",
		`join(",", setunion(["a"], ["b"]))`:                               "a,b",
		`try({a = 1}.b, "fallback")`:                                      "fallback",
		`can({a = 1}.b) ? "yes" : "no"`:                                   "no",
		`startswith("abc", "ab") && endswith("abc", "bc") ? "yes" : "no"`: "yes",
		`join(",", [for s in ["a", "b"] : upper(s) if s != "a"])`:         "B",
		`"%{if true}a%{else}b%{endif}"`:                                   "a",
		`<<-EOT
		  a${"b"}
		EOT
		`: "ab\n",
	} {
		t.Run(expr, func(t *testing.T) {
			t.Parallel()
			if got := parse(t, "plugin_dir = "+expr+"\n").PluginDir; got != want {
				t.Errorf("%s = %q, want %q", expr, got, want)
			}
		})
	}
}

// A function of the library that panics makes a sentence, not a stack trace.
func TestFunctionErrors(t *testing.T) {
	t.Parallel()
	for expr, want := range map[string]string{
		`indent(-1, "a\nb")`:     `Call to function "indent" failed: an argument is out of range.`,
		`env("")`:                `Invalid value for "name" parameter: the name of a variable is not empty.`,
		`index(["a"], "b")`:      `Call to function "index" failed: the list does not hold the value.`,
		`coalesce("", null)`:     `Call to function "coalesce" failed: every argument is null or an empty string.`,
		`lower(env("UNSET"))`:    `This is null: the environment variable "UNSET" is not set. Set it, or say what counts instead: coalesce(env("UNSET"), "…").`,
		`length(1)`:              `Invalid value for "value" parameter: a string, list, map or set is required.`,
		`tonumber(env("TOKEN"))`: `Call to function "tonumber" failed: an argument comes from the environment and has not the form this function needs.`,
	} {
		if got := refuse(t, "plugin_dir = "+expr+"\n", "plugins.hcl"); !strings.HasSuffix(got, "; "+want) {
			t.Errorf("%s:\ngot  %s\nwant %s", expr, got, want)
		}
	}
}
