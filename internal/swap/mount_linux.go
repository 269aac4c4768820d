package swap

import (
	"os"

	"golang.org/x/sys/unix"
)

// SameMount reports whether two paths lie on the same mount; a bind mount is
// another, though its device is the same. Source: statx(2), STATX_MNT_ID; where
// the kernel does not tell (before 5.8), devices are compared.
func SameMount(a, b string) (bool, error) {
	var ids [2]unix.Statx_t
	for i, path := range []string{a, b} {
		err := ignoringEINTR(func() error {
			return unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS|unix.STATX_MNT_ID, &ids[i])
		})
		if err != nil {
			return false, &os.PathError{Op: "statx", Path: path, Err: err}
		}
	}
	if ids[0].Dev_major != ids[1].Dev_major || ids[0].Dev_minor != ids[1].Dev_minor {
		return false, nil
	}
	told := ids[0].Mask&ids[1].Mask&unix.STATX_MNT_ID != 0
	return !told || ids[0].Mnt_id == ids[1].Mnt_id, nil
}
