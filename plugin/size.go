package plugin

import "fmt"

// Size is a size for a message: "512 MiB". From a mebibyte on it is rounded, where
// it is no whole number.
func Size(size int64) string {
	n, unit := scale(size)
	switch {
	case unit == "" && size < 1<<20:
		return fmt.Sprintf("%d bytes", size)
	case n < 1<<10, unit == "TiB":
		return fmt.Sprintf("%d %s", n, unit)
	case size < 1<<30:
		return fmt.Sprintf("%.1f MiB", float64(size)/(1<<20))
	}
	return fmt.Sprintf("%.1f GiB", float64(size)/(1<<30))
}

// RaiseSize says how to raise a limit on a size, as it is written in plugins.hcl; twice
// what it is now serves as the example.
func RaiseSize(attribute string, limit int64) string {
	n, unit := scale(2 * limit)
	if unit == "" {
		return RaiseCount(attribute, limit)
	}
	return fmt.Sprintf("raise it with limits { %s = %q }", attribute, fmt.Sprint(n)+unit)
}

// RaiseCount is [RaiseSize] for a limit on a number.
func RaiseCount(attribute string, limit int64) string {
	return fmt.Sprintf("raise it with limits { %s = %d }", attribute, 2*limit)
}

// scale writes a size without rounding it.
func scale(size int64) (int64, string) {
	unit := ""
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size == 0 || size%1024 != 0 {
			break
		}
		size, unit = size/1024, next
	}
	return size, unit
}
