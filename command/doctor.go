package command

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"

	"github.com/urfave/cli/v3"
)

func doctorCommand() *cli.Command {
	return &cli.Command{
		Name:  "doctor",
		Usage: "look for what is wrong around the server, and say how to mend it",
		Description: "Looks at the data folder, the disk below it and the clock; at the running server; and, with --url, at the way that " +
			"browsers take to it. The exit code is 3 if something is wrong.",
		Flags: []cli.Flag{
			dataFlag(),
			&cli.StringFlag{
				Name: "listen", Value: "127.0.0.1:8080", Sources: cli.EnvVars("QUIRE_LISTEN"),
				Usage: "`ADDRESS` the server listens on",
			},
			&cli.StringFlag{
				Name: "url", Validator: validURL,
				Usage: "`ADDRESS` that people type, such as https://docs.example.org/docs: looks through the proxy",
			},
		},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			d := &doctor{out: out(c)}
			d.folder(c.String("data"))
			d.clock(c.String("data"))
			d.server(ctx, c.String("listen"))
			if address := c.String("url"); address != "" {
				d.way(ctx, strings.TrimSuffix(address, "/"))
			}
			if d.wrong > 0 {
				return errFound
			}
			return nil
		},
	}
}

func validURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return fmt.Errorf("%q is not an address such as https://docs.example.org/docs", address)
	}
	return nil
}

// doctor says what it finds, one line each, and beneath what is wrong how to mend it.
type doctor struct {
	out   io.Writer
	wrong int
}

func (d *doctor) well(format string, args ...any) {
	fmt.Fprintf(d.out, "ok     "+format+"\n", args...)
}

// note is for what may be meant so.
func (d *doctor) note(format string, args ...any) {
	fmt.Fprintf(d.out, "note   "+format+"\n", args...)
}

// ill says what is wrong, and what to do about it.
func (d *doctor) ill(what, remedy string) {
	d.wrong++
	fmt.Fprintf(d.out, "WRONG  %s\n       %s\n", what, remedy)
}
