package config

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// HCL's parser calls itself for every bracket and every operator, and Go ends a
// program whose stack overflows: no recover helps. Nobody writes such a file by
// hand, so these bounds are generous.
const (
	maxNesting  = 100    // brackets, braces and templates within one another
	maxTokens   = 10_000 // of one expression
	maxRepeated = 2_000  // operators of one expression
)

// checkNesting refuses a text in native syntax that is nested too deeply to parse.
func checkNesting(src []byte, filename string) *hcl.Diagnostic {
	// What is wrong with the tokens the parser says better.
	tokens, _ := hclsyntax.LexConfig(src, filename, hcl.InitialPos)
	return checkTokens(tokens)
}

// checkJSONNesting does the same for JSON, whose strings are templates.
func checkJSONNesting(src []byte, filename string) *hcl.Diagnostic {
	depth, inString, escaped := 0, false, false
	for i, c := range src {
		switch {
		case escaped:
			escaped = false
		case inString:
			escaped, inString = c == '\\', c != '"'
		case c == '"':
			inString = true
		case c == '[' || c == '{':
			depth++
		case c == ']' || c == '}':
			depth--
		}
		if depth > maxNesting {
			line := 1 + bytes.Count(src[:i], []byte("\n"))
			at := hcl.Pos{Line: line, Column: 1, Byte: i}
			return tooComplex(hcl.Range{Filename: filename, Start: at, End: at})
		}
	}
	d := json.NewDecoder(bytes.NewReader(src))
	for {
		token, err := d.Token()
		if err != nil {
			return nil // its end, or what the parser says better
		}
		if s, ok := token.(string); ok {
			tokens, _ := hclsyntax.LexTemplate([]byte(s), filename, hcl.InitialPos)
			if diag := checkTokens(tokens); diag != nil {
				diag.Subject = &hcl.Range{Filename: filename, Start: hcl.InitialPos, End: hcl.InitialPos}
				return diag
			}
		}
	}
}

// checkTokens counts what the parser would recurse into: the brackets that are open,
// and the tokens since the last place where it surely is out of an operator's
// operand again, a comma or the end of a line.
func checkTokens(tokens hclsyntax.Tokens) *hcl.Diagnostic {
	var open []hclsyntax.TokenType
	run, operators := 0, 0
	for _, t := range tokens {
		run++
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			open = append(open, t.Type)
			operators++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			if len(open) > 0 {
				open = open[:len(open)-1]
			}
		case hclsyntax.TokenComma:
			run, operators = 0, 0
		case hclsyntax.TokenNewline:
			if len(open) == 0 || open[len(open)-1] == hclsyntax.TokenOBrace {
				run, operators = 0, 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit:
		default:
			operators++
		}
		if len(open) > maxNesting || run > maxTokens || operators > maxRepeated {
			return tooComplex(t.Range)
		}
	}
	return nil
}

func tooComplex(at hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Expression too complex",
		Detail: fmt.Sprintf("At most %d brackets may stand within one another, and an expression has at most %d operators.",
			maxNesting, maxRepeated),
		Subject: &at,
	}
}
