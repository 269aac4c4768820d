package config

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/plugins-hcl/plugins/plugin"
)

// addressSpans are what the addresses in a file must not show.
func addressSpans(src []byte) []span {
	var spans []span
	add := func(parts [][2]int, from int) {
		for _, p := range parts {
			spans = append(spans, span{from + p[0], from + p[1]})
		}
	}
	add(plugin.SensitiveParts(string(src)), 0)
	// One with white space in it is told by its quotes alone.
	for _, m := range spacedAddress.FindAllIndex(src, -1) {
		add(plugin.SensitivePartsOfURL(string(src[m[0]+1:m[1]])), m[0]+1)
	}
	return spans
}

var spacedAddress = regexp.MustCompile(`"[a-zA-Z][a-zA-Z0-9+.-]*://[^"\n]*`)

// statement is an attribute, or the header of a block, as far as tokens tell.
type statement struct {
	name     string
	inLocals bool
	secret   bool
	literals []span
	refers   []string // to these locals
}

// nativeTokens are the literals that make a token: of attributes that are named like
// one, of credentials blocks, and of the locals those refer to. Tokens of the syntax
// tell more than its tree, where the syntax is wrong.
func nativeTokens(src []byte, filename string) []span {
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	statements := statementsOf(tokens)
	locals := map[string][]int{}
	var secret []int
	for i, s := range statements {
		if s.inLocals {
			locals[s.name] = append(locals[s.name], i)
		}
		if s.secret {
			secret = append(secret, i)
		}
	}
	var spans []span
	for len(secret) > 0 {
		s := &statements[secret[0]]
		secret = secret[1:]
		spans = append(spans, s.literals...)
		for _, name := range s.refers {
			for _, i := range locals[name] {
				if !statements[i].secret {
					statements[i].secret = true
					secret = append(secret, i)
				}
			}
		}
	}
	return spans
}

// statementsOf takes the tokens of a file apart.
func statementsOf(tokens hclsyntax.Tokens) []statement {
	var all []statement
	var blocks []string // those open
	depth := 0          // of brackets within the statement
	var now *statement
	for i, t := range tokens {
		if now == nil && t.Type == hclsyntax.TokenIdent {
			block := ""
			if len(blocks) > 0 {
				block = blocks[len(blocks)-1]
			}
			name := string(t.Bytes)
			all = append(all, statement{name: name, inLocals: block == "locals", secret: block == "credentials" || namesHost(name) || namesSecret(name)})
			now, depth = &all[len(all)-1], 0
			continue
		}
		if now == nil && t.Type == hclsyntax.TokenComment && mentionsSecret(string(t.Bytes)) {
			all = append(all, statement{secret: true, literals: []span{{t.Range.Start.Byte, t.Range.End.Byte}}})
			continue
		}
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			if t.Type == hclsyntax.TokenOBrace && depth == 0 && now != nil && !assigned(tokens[:i]) {
				blocks, now = append(blocks, now.name), nil
				continue
			}
			depth++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			if depth == 0 && t.Type == hclsyntax.TokenCBrace {
				blocks, now = blocks[:max(0, len(blocks)-1)], nil
				continue
			}
			depth = max(0, depth-1)
		case hclsyntax.TokenNewline:
			if depth == 0 {
				now = nil
			}
		}
		if now != nil {
			now.add(tokens, i)
		}
		if t.Type == hclsyntax.TokenComment && depth == 0 && bytes.HasSuffix(t.Bytes, []byte("\n")) {
			now = nil
		}
	}
	return all
}

// assigned reports whether the statement that the tokens end in has a "=".
func assigned(tokens hclsyntax.Tokens) bool {
	for i := len(tokens) - 1; i >= 0; i-- {
		switch tokens[i].Type {
		case hclsyntax.TokenEqual:
			return true
		case hclsyntax.TokenNewline, hclsyntax.TokenOBrace, hclsyntax.TokenCBrace:
			return false
		}
	}
	return false
}

// add looks at the i-th token, which belongs to the statement.
func (s *statement) add(tokens hclsyntax.Tokens, i int) {
	t := tokens[i]
	before := func(n int) string {
		if i < n {
			return ""
		}
		return string(tokens[i-n].Bytes)
	}
	literal := false
	switch t.Type {
	case hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
		// The name of a variable is none.
		literal = before(2) != "(" || before(3) != "env"
		if namesHost(s.name) {
			literal = bytes.Contains(t.Bytes, []byte("@"))
		}
	case hclsyntax.TokenNumberLit, hclsyntax.TokenComment, hclsyntax.TokenInvalid, hclsyntax.TokenBadUTF8:
		literal = true
	case hclsyntax.TokenIdent:
		switch {
		case before(1) == "." && before(2) == "local":
			s.refers = append(s.refers, string(t.Bytes))
		case before(1) != ".":
			// A token without quotes is taken for a variable.
			literal = !s.known(tokens, i)
		}
	}
	if literal {
		s.literals = append(s.literals, span{t.Range.Start.Byte, t.Range.End.Byte})
	}
}

// namesHost reports whether a block's label is a host: one that has no place for a
// password, but may be given one.
func namesHost(block string) bool { return block == "credentials" || block == "github" }

// known reports whether a name is that of a function, of a variable with parts, or one
// that HCL itself knows.
func (s *statement) known(tokens hclsyntax.Tokens, i int) bool {
	switch string(tokens[i].Bytes) {
	case "null", "true", "false", "for", "in", "if", "name":
		return true
	}
	return i+1 < len(tokens) && (tokens[i+1].Type == hclsyntax.TokenOParen || tokens[i+1].Type == hclsyntax.TokenDot)
}

// jsonTokens is [nativeTokens] for JSON.
func jsonTokens(src []byte) []span {
	type level struct {
		object, secret bool
		key            string // that a value is due for; "" where a key is
	}
	// What stands behind an error of the syntax, the decoder below does not see.
	var spans []span
	for _, m := range jsonAttribute.FindAllSubmatchIndex(src, -1) {
		if namesSecret(string(src[m[2]:m[3]])) {
			spans = append(spans, span{m[4], m[5]})
		}
	}
	var levels []level
	for dec := json.NewDecoder(bytes.NewReader(src)); ; {
		token, err := dec.Token()
		if err != nil {
			return spans
		}
		var top level
		if len(levels) > 0 {
			top = levels[len(levels)-1]
		}
		secret := top.secret || top.object && namesSecret(top.key)
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				levels = append(levels, level{object: t == '{', secret: secret || top.key == "credentials"})
				continue
			}
			levels = levels[:len(levels)-1]
		case string:
			if top.object && top.key == "" {
				levels[len(levels)-1].key = t
				continue
			}
			end := int(dec.InputOffset())
			if start := quoteBefore(src, end-1); secret && end-1 > start {
				spans = append(spans, span{start, end - 1})
			}
		}
		if len(levels) > 0 {
			levels[len(levels)-1].key = ""
		}
	}
}

var jsonAttribute = regexp.MustCompile(`"([^"\\\n]+)"\s*:\s*"((?:[^"\\\n]|\\.)*)`)

// quoteBefore is the start of a JSON string's content that ends at end.
func quoteBefore(src []byte, end int) int {
	for i := end - 1; i >= 0; i-- {
		if src[i] != '"' {
			continue
		}
		backslashes := 0
		for backslashes < i && src[i-1-backslashes] == '\\' {
			backslashes++
		}
		if backslashes%2 == 0 {
			return i + 1
		}
	}
	return end
}

// namesSecret reports whether an attribute is a token by its name, misspelt perhaps.
func namesSecret(name string) bool {
	return mentionsSecret(name) || levenshtein.Distance(strings.ToLower(name), "token", nil) <= 2
}

func mentionsSecret(text string) bool {
	text = strings.ToLower(text)
	for _, word := range []string{"token", "passw", "secret"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
