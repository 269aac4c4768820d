package plugin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxJSONDepth is how deep documents may nest.
const MaxJSONDepth = 64

// ErrDuplicateKey is found in the error for an object that has a key twice.
var ErrDuplicateKey = errors.New("duplicate key")

// CheckJSON reads data as one JSON document of at most maxDepth levels, in UTF-8, in
// which no object has a key twice. Keys that differ in case alone count as the
// same, since encoding/json takes them so.
func CheckJSON(data []byte, maxDepth int) error {
	if !utf8.Valid(data) {
		return errors.New("it is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := checkValue(d, maxDepth); err != nil {
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return errors.New("it is cut off: the JSON does not end")
		}
		return fmt.Errorf("it is not valid JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("it is not valid JSON: something follows the document")
	}
	return nil
}

func checkValue(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return err
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == 0 {
		return errors.New("it is nested too deeply")
	}
	seen := map[string]bool{}
	for d.More() {
		if open == '{' {
			key, err := d.Token()
			if err != nil {
				return err
			}
			folded := fold(key.(string))
			if seen[folded] {
				return fmt.Errorf("%w %q", ErrDuplicateKey, key)
			}
			seen[folded] = true
		}
		if err := checkValue(d, depth-1); err != nil {
			return err
		}
	}
	_, err = d.Token()
	return err
}

// fold makes equal what encoding/json takes for the same key: "ſ" is an "s" to it.
func fold(key string) string {
	return strings.Map(func(r rune) rune {
		for {
			next := unicode.SimpleFold(r)
			if next <= r {
				return next
			}
			r = next
		}
	}, key)
}

// DecodeJSON checks data with [CheckJSON] and decodes it into v; fields that v has
// not are ignored, since other programs put theirs beside ours.
func DecodeJSON(data []byte, v any) error {
	if err := CheckJSON(data, MaxJSONDepth); err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		var mistyped *json.UnmarshalTypeError
		if errors.As(err, &mistyped) {
			if mistyped.Field == "" {
				return fmt.Errorf("it is not the JSON expected, but a JSON %s", mistyped.Value)
			}
			return fmt.Errorf("it is not the JSON expected: %q is a %s", mistyped.Field, mistyped.Value)
		}
		return fmt.Errorf("it is not the JSON expected: %w", err)
	}
	return nil
}
