package command

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/urfave/cli/v3"
)

const healthTime = 3 * time.Second

// healthCommand asks a running server how it is, for container health checks: the image has no other program to do so.
func healthCommand() *cli.Command {
	return &cli.Command{
		Name:  "health",
		Usage: "ask the server on this machine whether it is well; the exit code is 0 if so",
		Flags: []cli.Flag{&cli.StringFlag{
			Name: "listen", Value: "127.0.0.1:8080", Sources: cli.EnvVars("QUIRE_LISTEN"),
			Usage: "`ADDRESS` the server listens on",
		}},
		Action: func(ctx context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			if err := health(ctx, c.String("listen"), "/healthz"); err != nil {
				return err
			}
			_, err := fmt.Fprintln(out(c), "ok")
			return err
		},
	}
}

// health asks a server on this machine a question that it answers with 200 if all is well.
func health(ctx context.Context, listen, question string) error {
	network, address, err := dialable(listen)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://quire"+question, nil)
	if err != nil {
		return err
	}
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, address)
	}
	web := http.Client{Transport: &http.Transport{DialContext: dial, DisableKeepAlives: true}}
	resp, err := web.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not well: %s", resp.Status)
	}
	return nil
}
