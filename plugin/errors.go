package plugin

import (
	"errors"
	"strconv"
)

// ErrRefused is found in every error that says a package's bytes were refused:
// its digest, signature, archive, size, manifest or executable.
var ErrRefused = errors.New("refused")

// Error is a failure of one plugin. Its message starts with the plugin's name.
type Error struct {
	Plugin Name
	Pos    Pos    // of its block, where known
	Where  string // URL or path, where the failure has one its cause does not name
	Err    error
}

func (e *Error) Error() string {
	text := string(e.Plugin) + ": " + e.Err.Error()
	if e.Where != "" {
		text += " (" + Redact(e.Where) + ")"
	}
	return text
}

func (e *Error) Unwrap() error { return e.Err }

// RefusedError says that a package was refused, and by which rule. It is
// [ErrRefused].
type RefusedError struct {
	Entry string // the entry of an archive, where it is one entry's fault
	Rule  string // the rule, and how it was broken
}

func (e *RefusedError) Error() string {
	if e.Entry == "" {
		return e.Rule
	}
	return "entry " + strconv.Quote(e.Entry) + ": " + e.Rule
}

// Is makes every RefusedError an [ErrRefused].
func (e *RefusedError) Is(target error) bool { return target == ErrRefused }

// DigestError says that bytes have not the digest they must have. It is
// [ErrRefused].
type DigestError struct {
	Where     string // URL or path
	Want, Got Digest
	By        string // the document that says Want; "" where it is the lock, or not known
}

func (e *DigestError) Error() string {
	by := ""
	if e.By != "" {
		by = " (says " + RedactURL(e.By) + ")"
	}
	return "the digest of " + e.Where + " is not the one expected:\n  want " + string(e.Want) + by + "\n  got  " + string(e.Got)
}

// PageError says that an HTML page came where a package was asked for. It is
// [ErrRefused].
type PageError struct {
	Where string // URL or path
	Want  Digest // "" where none is known
}

func (e *PageError) Error() string {
	text := "what came from " + e.Where + " is an HTML page, not a package"
	if e.Want != "" {
		text += ":\n  want " + string(e.Want)
	}
	return text
}

// Is makes every PageError an [ErrRefused].
func (e *PageError) Is(target error) bool { return target == ErrRefused }

// Is makes every DigestError an [ErrRefused].
func (e *DigestError) Is(target error) bool { return target == ErrRefused }

// SignatureError says that a signature that is demanded is not there, or is not
// good. It is
// [ErrRefused].
type SignatureError struct {
	Where  string // URL or path of the package; "" for the plugin as a whole
	Reason string
}

func (e *SignatureError) Error() string {
	if e.Where == "" {
		return e.Reason
	}
	return e.Where + ": " + e.Reason
}

// Is makes it [ErrRefused].
func (e *SignatureError) Is(target error) bool { return target == ErrRefused }
