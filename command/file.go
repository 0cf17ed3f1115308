package command

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"
)

// standard names standard input or output where a file is asked for.
const standard = "-"

func forceFlag(usage string) cli.Flag { return &cli.BoolFlag{Name: "force", Usage: usage} }

// writeFile has a file written: it appears under its name when it is whole and on disk, or not at all. An existing one is
// left alone unless replace says otherwise.
func writeFile(c *cli.Command, path string, replace bool, write func(io.Writer) error) error {
	if path == standard {
		return write(out(c))
	}
	if _, err := os.Lstat(path); err == nil && !replace {
		return fmt.Errorf("%s exists already; choose another name, or replace it with --force", path)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.part")
	if err != nil {
		return err
	}
	err = write(&syncingWriter{file: tmp})
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// syncingWriter has what is written brought to the disk a little at a time. Otherwise the system would hold much of it back and then
// write all at once, and whoever waits for the disk meanwhile would wait for that.
type syncingWriter struct {
	file  *os.File
	since int
}

const syncBytes = 4 << 20

func (s *syncingWriter) Write(p []byte) (int, error) {
	n, err := s.file.Write(p)
	if s.since += n; err == nil && s.since >= syncBytes {
		s.since, err = 0, s.file.Sync()
	}
	return n, err
}

// openFile opens a file, or standard input, and returns its size, 0 if that is not known.
func openFile(c *cli.Command, path string) (in io.Reader, size int64, end func() error, err error) {
	if path == standard {
		return c.Root().Reader, 0, func() error { return nil }, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, 0, nil, err
	}
	if st, err := f.Stat(); err == nil {
		size = st.Size()
	}
	return f, size, f.Close, nil
}

// syncFolder makes what was renamed within a folder durable.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
