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
		Action: func(ctx context.Context, c *cli.Command) error { return health(ctx, c.String("listen")) },
	}
}

func health(ctx context.Context, listen string) error {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return fmt.Errorf("%q is not an address: %w", listen, err)
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	ctx, cancel := context.WithTimeout(ctx, healthTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, port)+"/healthz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server is not well: %s", resp.Status)
	}
	fmt.Println("ok")
	return nil
}
