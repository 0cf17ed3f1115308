package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/store"
)

func backupCommand() *cli.Command {
	return &cli.Command{
		Name:      "backup",
		Usage:     "write everything into one file, while people type",
		ArgsUsage: "FILE",
		Description: "The file holds everything: documents with their history, messages, pictures, and the key by which guests " +
			"are known again. FILE may be - for standard output. Make sure with quire verify --backup FILE.",
		Flags:  []cli.Flag{dataFlag(), forceFlag("replace FILE if it exists")},
		Action: backup,
	}
}

func backup(ctx context.Context, c *cli.Command) (err error) {
	path, err := oneArgument(c, "into which file")
	if err != nil {
		return err
	}
	o, err := reach(c.String("data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.end()) }()
	p := newProgress(say(c))
	var size int64
	err = writeFile(c, path, c.Bool("force"), func(w io.Writer) error {
		return o.ask(ctx, http.MethodGet, "/backup", nil, func(r io.Reader) error {
			size, err = io.Copy(w, &counted{Reader: r, progress: p, verb: "backing up", total: dataBytes(o.data)})
			return err
		})
	})
	p.end()
	if err != nil {
		return fmt.Errorf("no backup was made: %w", err)
	}
	if path != standard {
		fmt.Fprintf(say(c), "%s: %s\n", path, bytesOf(size))
	}
	return nil
}

// dataBytes is about how much a data folder has.
func dataBytes(data string) (n int64) {
	for _, name := range []string{store.JournalName, store.MainName} {
		if st, err := os.Stat(filepath.Join(data, name)); err == nil {
			n += st.Size()
		}
	}
	return n
}
