package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/urfave/cli/v3"
)

func noticeCommand() *cli.Command {
	return &cli.Command{
		Name:  "notice",
		Usage: "show everyone who has a document open a sentence", ArgsUsage: "TEXT",
		Description: "Those who come later see it too, until --end or the server's end. It is plain text of at most 500 bytes.",
		Flags:       []cli.Flag{dataFlag(), &cli.BoolFlag{Name: "end", Usage: "show it no longer"}},
		Action: func(ctx context.Context, c *cli.Command) error {
			text := ""
			if c.Bool("end") {
				if err := noArguments(c); err != nil {
					return err
				}
			} else {
				var err error
				if text, err = oneArgument(c, "what to show, in quotes"); err != nil {
					return err
				}
				if text = strings.TrimSpace(text); text == "" {
					return errors.New("a notice has to say something; --end ends it")
				}
			}
			var connections int
			err := askAbout(ctx, c, http.MethodPut, "/notice", strings.NewReader(text), func(r io.Reader) error {
				_, err := fmt.Fscan(r, &connections)
				return err
			})
			if err != nil {
				return fmt.Errorf("nobody was told: %w", err)
			}
			_, err = fmt.Fprintf(out(c), "told to %d connections\n", connections)
			return err
		},
	}
}
