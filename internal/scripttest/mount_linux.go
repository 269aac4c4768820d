package scripttest

import (
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

func mountDisk(dir, size string) error {
	return unix.Mount("tmpfs", dir, "tmpfs", unix.MS_NOSUID, "mode=0755,size="+size)
}

// mountReadOnly binds a folder onto itself, since only a mount can be read-only
// for root; the kernel heeds the flag in a second call only.
func mountReadOnly(dir string) error {
	if err := unix.Mount(dir, dir, "", unix.MS_BIND, ""); err != nil {
		return err
	}
	return unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY, "")
}

func unmountDisk(dir string) error { return unix.Unmount(dir, unix.MNT_DETACH) }

// canMount tries it: root in a container often may not.
var canMount = sync.OnceValue(func() bool {
	dir, err := os.MkdirTemp("", "scripttest-mount")
	if err != nil {
		return false
	}
	defer os.RemoveAll(dir)
	if mountDisk(dir, "64k") != nil {
		return false
	}
	return unmountDisk(dir) == nil
})
