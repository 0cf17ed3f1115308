//go:build unix

package server

import "syscall"

// canWriteNow says whether a socket can be written to without waiting.
const canWriteNow = true

func writeSocket(fd uintptr, b []byte) (int, error) { return syscall.Write(int(fd), b) }
