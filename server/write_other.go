//go:build !unix

package server

import "errors"

const canWriteNow = false

func writeSocket(uintptr, []byte) (int, error) { return 0, errors.ErrUnsupported }
