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

func exportCommand() *cli.Command {
	return &cli.Command{
		Name:      "export",
		Usage:     "write one document into a file: all of it, or its text",
		ArgsUsage: "DOCUMENT FILE",
		Description: "DOCUMENT is an ID, the last part of a document's address. The file has every change with its author and time, named versions, " +
			"what people said, and the pictures; quire import reads it. FILE may be - for standard output.",
		Flags: []cli.Flag{
			dataFlag(),
			&cli.BoolFlag{Name: "text", Usage: "write the text as it is now, and nothing else"},
			forceFlag("replace FILE if it exists"),
		},
		Action: export,
	}
}

func export(ctx context.Context, c *cli.Command) (err error) {
	if c.NArg() != 2 {
		return fmt.Errorf("%w: say which document and into which file (%s --help)", errUsage, c.FullName())
	}
	id, path := c.Args().Get(0), c.Args().Get(1)
	o, err := reach(c.String("data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.end()) }()
	address := "/documents/" + url.PathEscape(id)
	if c.Bool("text") {
		address += "/text"
	}
	p := newProgress(say(c))
	defer p.end()
	err = writeFile(c, path, c.Bool("force"), func(w io.Writer) error {
		return o.ask(ctx, http.MethodGet, address, nil, func(r io.Reader) error {
			_, err := io.Copy(w, &counted{Reader: r, progress: p, verb: "exporting"})
			return err
		})
	})
	if err != nil {
		return fmt.Errorf("%s was not exported: %w", id, err)
	}
	return nil
}
