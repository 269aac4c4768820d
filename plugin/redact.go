package plugin

import (
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
)

// Sensitive stands wherever a token, a password or a query would be shown.
const Sensitive = "(sensitive)"

// Redact hides what the addresses in a text must not show: user and password, and
// the query, which is where signed addresses keep theirs. Redacting twice changes
// nothing more.
func Redact(text string) string { return hide(text, SensitiveParts(text)) }

// RedactURL is [Redact] for a text that is one address as a whole, however
// malformed. Control characters are escaped.
func RedactURL(address string) string {
	shown := address
	if !filepath.IsAbs(address) {
		shown = hide(address, SensitivePartsOfURL(address))
	}
	if strings.ContainsFunc(shown, unicode.IsControl) {
		return strconv.Quote(shown)
	}
	return shown
}

// SensitiveParts are the parts of a text that [Redact] hides: pairs of offsets, in
// order and apart from each other. In the templates of HCL, "${…}" is taken for a
// piece of the address whose own characters say nothing.
func SensitiveParts(text string) [][2]int {
	var parts [][2]int
	for from := 0; ; {
		start := nextAddress(text, from)
		if start < 0 {
			return parts
		}
		end := addressEnd(text, start)
		parts = append(parts, addressParts(text, start, end)...)
		from = max(end, start+1)
	}
}

// SensitivePartsOfURL are the parts of an address that [RedactURL] hides.
func SensitivePartsOfURL(address string) [][2]int { return addressParts(address, 0, len(address)) }

func hide(text string, parts [][2]int) string {
	if len(parts) == 0 {
		return text
	}
	var b strings.Builder
	done := 0
	for _, p := range parts {
		b.WriteString(text[done:p[0]] + Sensitive)
		done = p[1]
	}
	return b.String() + text[done:]
}

// nextAddress is where an address starts: at its scheme, or at a template's "${"
// in its place. It is -1 where there is none.
func nextAddress(text string, from int) int {
	for i := from; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "${") && (i == 0 || text[i-1] == '"'):
			return i
		case strings.HasPrefix(text[i:], "://") && i > from && schemeByte(text[i-1]):
			for i > from && schemeByte(text[i-1]) {
				i--
			}
			return i
		}
	}
	return -1
}

func schemeByte(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || c == '+' || c == '-' || c == '.'
}

// addressEnd is where an address in a text ends. The punctuation behind it is the
// sentence's.
func addressEnd(text string, start int) int {
	end := start
	for end < len(text) && text[end] > ' ' && strings.IndexByte("\x7f\"`<>", text[end]) < 0 {
		end = pieceEnd(text, end, len(text))
	}
	for end > start && strings.IndexByte(":,;.", text[end-1]) >= 0 {
		end--
	}
	return end
}

// maxPiece bounds what is read of one "${…}", so that a text of nothing else takes no
// time by the square of its length.
const maxPiece = 1 << 10

// pieceEnd is the end of the piece at i: of a "${…}" as a whole, of an escaped
// character, else of one byte.
func pieceEnd(text string, i, end int) int {
	switch {
	case text[i] == '\\' && i+1 < end && text[i+1] > ' ':
		return i + 2
	case !strings.HasPrefix(text[i:end], "${"):
		return i + 1
	}
	depth := 0
	for j := i + 1; j < min(end, i+maxPiece) && text[j] != '\n'; j++ {
		switch text[j] {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return j + 1
			}
		}
	}
	return i + 1
}

// addressParts are the parts of the address text[start:end] that are hidden.
func addressParts(text string, start, end int) [][2]int {
	query := find(text, start, end, "?#")
	scheme := strings.Index(text[start:query], "://")
	if scheme < 0 {
		return queryPart(nil, query, end)
	}
	authority := start + scheme + len("://")
	slash := find(text, authority, end, "/?#")
	at := strings.LastIndexByte(text[authority:slash], '@')
	if slash > authority && !validHost(text[authority+at+1:slash]) {
		// An unescaped "/", "?" or "#" in a password is one of the mistakes that end up
		// here.
		at = strings.LastIndexByte(text[authority:end], '@')
	}
	if at <= 0 {
		return queryPart(nil, query, end)
	}
	at += authority
	return queryPart([][2]int{{authority, at}}, find(text, at, end, "?#"), end)
}

func queryPart(parts [][2]int, query, end int) [][2]int {
	if query+1 < end {
		parts = append(parts, [2]int{query + 1, end})
	}
	return parts
}

// find is the offset of the first of chars that stands in no "${…}"; end where there
// is none.
func find(text string, start, end int, chars string) int {
	for i := start; i < end; i = pieceEnd(text, i, end) {
		if strings.IndexByte(chars, text[i]) >= 0 {
			return i
		}
	}
	return end
}

// validHost reports whether s can be a host, with a port or without.
func validHost(s string) bool {
	if strings.Contains(s, "${") {
		return true
	}
	end := strings.IndexByte(s, ':')
	if strings.HasPrefix(s, "[") { // of IPv6
		end = strings.IndexByte(s, ']') + 1
	}
	if end < 0 {
		end = len(s)
	}
	port, ok := strings.CutPrefix(s[end:], ":")
	return end > 0 && !strings.ContainsAny(s, " \t") && (ok || port == "") && strings.Trim(port, "0123456789") == ""
}
