package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// syncFileSystem has what was written to the file system of dir on its disk.
func syncFileSystem(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(unix.Syncfs(int(f.Fd())), f.Close())
}

// fileSystem is what the file system of dir is called.
func fileSystem(dir string) string {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return "unknown"
	}
	switch int64(s.Type) {
	case unix.EXT4_SUPER_MAGIC:
		return "ext4"
	case unix.TMPFS_MAGIC:
		return "tmpfs"
	case unix.XFS_SUPER_MAGIC:
		return "xfs"
	case unix.BTRFS_SUPER_MAGIC:
		return "btrfs"
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "overlayfs"
	}
	return fmt.Sprintf("%#x", s.Type)
}

// reflinks reports whether files of dir's file system can share what they hold until one
// of them is written.
func reflinks(dir string) bool {
	src, err := os.CreateTemp(dir, "reflink")
	if err != nil {
		return false
	}
	defer os.Remove(src.Name())
	defer src.Close()
	dst, err := os.CreateTemp(dir, "reflink")
	if err != nil {
		return false
	}
	defer os.Remove(dst.Name())
	defer dst.Close()
	_, err = src.WriteString("x")
	return err == nil && unix.IoctlFileClone(int(dst.Fd()), int(src.Fd())) == nil
}
