package actions

import (
	"errors"
	"os"
	"strings"
)

// MostSummary is how much the summary of a step may hold: GitHub throws a longer one away.
const MostSummary = 1 << 20

const leftOut = "\n*The rest is left out: the summary of a step holds no more.*\n"

// AppendSummary adds Markdown to the file of a step's summary. What does not fit beside
// what other commands of the step wrote is cut off, between lines.
func AppendSummary(path, markdown string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		_, err = f.WriteString(fitting(markdown, MostSummary-info.Size()))
	}
	return errors.Join(err, f.Close())
}

// fitting is as much of a text as there is room for.
func fitting(markdown string, room int64) string {
	if int64(len(markdown)) <= room {
		return markdown
	}
	room -= int64(len(leftOut))
	if room <= 0 {
		return ""
	}
	kept := markdown[:room]
	return kept[:strings.LastIndexByte(kept, '\n')+1] + leftOut
}

// Text is a text that stands in Markdown, in the cell of a table too, as it is.
func Text(s string) string { return escape.Replace(s) }

// escape writes as entities whatever Markdown or HTML, and GitHub in people's names and
// numbers of issues, would find something in.
var escape = func() *strings.Replacer {
	pairs := []string{"\n", "<br>"}
	for entity, r := range map[string]string{
		"&amp;": "&", "&lt;": "<", "&gt;": ">", "&#124;": "|", "&#42;": "*", "&#95;": "_", "&#96;": "`", "&#91;": "[", "&#93;": "]",
		"&#126;": "~", "&#92;": `\`, "&#35;": "#", "&#64;": "@", "&#36;": "$", "&#33;": "!", "&#58;&#47;&#47;": "://",
	} {
		pairs = append(pairs, r, entity)
	}
	return strings.NewReplacer(pairs...)
}()

// Table is a table of cells, each a text as it is; empty without rows.
func Table(head []string, rows [][]string) string {
	if len(rows) == 0 {
		return ""
	}
	var b strings.Builder
	line := func(cells []string, as func(string) string) {
		for _, c := range cells {
			b.WriteString("| " + as(c) + " ")
		}
		b.WriteString("|\n")
	}
	line(head, Text)
	line(head, func(string) string { return "---" })
	for _, row := range rows {
		line(row, Text)
	}
	return b.String()
}
