package fetch

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Part says where the beginning of a file came from, and how the server there can tell
// that the rest of what it has still belongs to it.
type Part struct {
	From      string `json:"from"`      // the address, hashed: it may hold a secret
	Validator string `json:"validator"` // for If-Range: a strong ETag or a date, or byAddress; "": nothing can
	Total     int64  `json:"total"`     // bytes; -1 where it is not known
}

// nothing is the part of an empty file.
var nothing = Part{Total: -1}

// id is what tells one place from another: parts of two are never joined.
func (t *target) id() string {
	if t.url == nil {
		return t.path
	}
	sum := sha256.Sum256([]byte(t.url.String()))
	return hex.EncodeToString(sum[:])
}

// goOn takes over what an earlier run left, if that can be of use.
func (d *download) goOn(part Part) error {
	if part.Validator == "" {
		return nil
	}
	n, err := io.CopyBuffer(d.hash, io.LimitReader(d.To, d.Max+1), d.buf)
	d.size, d.part = n, part
	if strings.HasPrefix(part.Validator, `"`) {
		d.etag = part.Validator
	}
	if err != nil || n > d.Max || part.Total >= 0 && n >= part.Total {
		return d.empty()
	}
	return nil
}

// continues reports whether a partial answer is the rest of the same file.
func (d *download) continues(h http.Header) bool {
	if etag := h.Get("ETag"); etag != "" && d.etag != "" && etag != d.etag {
		return false
	}
	start, total, ok := contentRange(h.Get("Content-Range"))
	if !ok || start != d.size || d.part.Total >= 0 && total >= 0 && total != d.part.Total {
		return false
	}
	if d.part.Total < 0 {
		d.part.Total = total
	}
	return true
}

// restart makes the file empty.
func (d *download) restart() error {
	if d.size == 0 {
		return nil
	}
	return d.empty()
}

func (d *download) empty() error {
	if d.part.Validator != "" {
		d.Keep(nothing)
	}
	if err := d.To.Truncate(0); err != nil {
		return &WriteError{err}
	}
	if _, err := d.To.Seek(0, io.SeekStart); err != nil {
		return &WriteError{err}
	}
	d.hash.Reset()
	d.size, d.part = 0, nothing
	d.etag, d.joined = "", false
	return nil
}

// byAddress is the validator of what is the same for ever: a registry has packages by their
// digest.
const byAddress = "address"

// validator is what If-Range may hold: a weak ETag does not promise equal bytes.
func (t *target) validator(h http.Header) string {
	if etag := h.Get("ETag"); strings.HasPrefix(etag, `"`) {
		return etag
	}
	if changed := h.Get("Last-Modified"); changed != "" || t.oci == nil {
		return changed
	}
	return byAddress
}

// contentRange reads "bytes START-END/TOTAL"; TOTAL may be "*", which is -1.
func contentRange(s string) (start, total int64, ok bool) {
	s, ok = strings.CutPrefix(s, "bytes ")
	part, all, slash := strings.Cut(s, "/")
	from, _, dash := strings.Cut(part, "-")
	start, err := strconv.ParseInt(from, 10, 64)
	if !ok || !slash || !dash || err != nil {
		return 0, 0, false
	}
	if all == "*" {
		return start, -1, true
	}
	total, err = strconv.ParseInt(all, 10, 64)
	return start, total, err == nil
}
