package lock

import (
	"fmt"
	"strings"
	"testing"
)

func TestProbe(t *testing.T) {
	n := 4 << 20
	for name, src := range map[string]string{
		"ternary":  "version = " + strings.Repeat("x?", n),
		"plus":     "version = 1" + strings.Repeat("+1", n),
		"and":     "version = true" + strings.Repeat("&&true", n/4),
		"negdepth": strings.Repeat("]", n) + "\na = " + strings.Repeat("[", n),
		"negdepth2": strings.Repeat("}\n", n/2) + "\na = " + strings.Repeat("[", n),
		"dots": "version = a" + strings.Repeat(".a", n),
		"splat": "version = a" + strings.Repeat(".*", n),
		"heredoc": "version = <<A\n" + strings.Repeat("x\n", n) + "A\n",
		"index": "version = a" + strings.Repeat("[0]", n),
		"blocks": strings.Repeat("a {\n}\n", n/6),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse([]byte(src), "f")
			s := fmt.Sprint(err)
			if len(s) > 200 { s = s[:200] }
			t.Log(s)
		})
	}
}
