package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/store"
)

func restoreCommand() *cli.Command {
	return &cli.Command{
		Name:      "restore",
		Usage:     "make a data folder from a backup",
		ArgsUsage: "FILE",
		Description: "The backup is read and checked as a whole before anything takes its place in the data folder. With --force what " +
			"the folder held is kept beside, in a folder named replaced-...; remove that when you are content. FILE may be - for standard input.",
		Flags:  []cli.Flag{dataFlag(), forceFlag("put what the data folder holds aside")},
		Action: restore,
	}
}

func restore(ctx context.Context, c *cli.Command) error {
	path, err := oneArgument(c, "from which file")
	if err != nil {
		return err
	}
	data := c.String("data")
	if holdsData(data) && !c.Bool("force") {
		return fmt.Errorf("%s already holds documents; name another folder with --data, or put them aside with --force", data)
	}
	in, size, end, err := openFile(c, path)
	if err != nil {
		return err
	}
	defer end()
	if err := os.MkdirAll(data, 0o700); err != nil {
		return err
	}
	release, err := store.Lock(data)
	if errors.Is(err, store.ErrInUse) {
		return fmt.Errorf("a server has %s open; stop it first: %w", data, err)
	}
	if err != nil {
		return err
	}
	defer release()
	return restoreInto(ctx, c, data, in, size)
}

func holdsData(data string) bool {
	for _, name := range []string{store.JournalName, store.MainName} {
		if _, err := os.Lstat(filepath.Join(data, name)); err == nil {
			return true
		}
	}
	return false
}

// restoreInto restores into a folder within data, checks that, and moves it into place. The caller holds data.
func restoreInto(ctx context.Context, c *cli.Command, data string, in io.Reader, size int64) error {
	fresh, err := os.MkdirTemp(data, "restoring-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(fresh)
	found, err := unpack(ctx, c, fresh, in, size)
	if err != nil {
		return fmt.Errorf("nothing was restored: %w", err)
	}
	aside := ""
	if holdsData(data) {
		aside = filepath.Join(data, "replaced-"+time.Now().UTC().Format("20060102-150405.000"))
		if err := os.Mkdir(aside, 0o700); err != nil {
			return err
		}
		if err := moveData(data, aside); err != nil {
			return err
		}
	}
	if err := moveData(fresh, data); err != nil {
		return err
	}
	fmt.Fprintf(say(c), "restored %s into %s\n", countsOf(found), data)
	if aside != "" {
		fmt.Fprintf(say(c), "what was there before is in %s\n", aside)
	}
	return nil
}

// unpack makes a data folder of a backup and verifies it.
func unpack(ctx context.Context, c *cli.Command, dir string, in io.Reader, size int64) (found server.Verification, err error) {
	p := newProgress(say(c))
	err = server.Restore(dir, &counted{Reader: in, progress: p, verb: "reading the backup", total: size})
	p.end()
	if err != nil {
		return found, err
	}
	o, err := open(dir, slog.LevelError) // it warns of a folder that was copied, which this is
	if err != nil {
		return found, err
	}
	found, err = verifyWith(ctx, o, say(c))
	if err = errors.Join(err, o.end()); err != nil {
		return found, err
	}
	if len(found.Problems) > 0 {
		printFaults(say(c), found.Problems)
		return found, errors.New("the backup has damaged documents")
	}
	return found, nil
}

// moveData moves the files of a data folder to another, main.db last: a folder without it is no data folder.
func moveData(from, to string) error {
	for _, name := range []string{server.SecretFile, store.JournalName, store.MainName} {
		err := os.Rename(filepath.Join(from, name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return errors.Join(syncFolder(from), syncFolder(to))
}
