package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v3"
)

func importCommand() *cli.Command {
	return &cli.Command{
		Name:      "import",
		Usage:     "take in a document that was exported, and print its ID",
		ArgsUsage: "FILE",
		Description: "The document keeps its ID, its history and its authors. It appears when all of it is there, or not at all. " +
			"FILE may be - for standard input.",
		Flags: []cli.Flag{
			dataFlag(),
			&cli.StringFlag{Name: "as", Usage: "give it this `ID` instead, or a new one with --as new"},
		},
		Action: importDocument,
	}
}

func importDocument(ctx context.Context, c *cli.Command) (err error) {
	path, err := oneArgument(c, "from which file")
	if err != nil {
		return err
	}
	in, size, end, err := openFile(c, path)
	if err != nil {
		return err
	}
	defer end()
	o, err := reach(c.String("data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.end()) }()
	p := newProgress(say(c))
	var id []byte
	from := &counted{Reader: in, progress: p, verb: "importing", total: size}
	err = o.ask(ctx, http.MethodPost, "/documents?as="+url.QueryEscape(c.String("as")), from, func(r io.Reader) (err error) {
		id, err = io.ReadAll(r)
		return err
	})
	p.end()
	if err != nil {
		return fmt.Errorf("nothing was imported: %w", err)
	}
	fmt.Fprintln(out(c), string(id))
	return nil
}
