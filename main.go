// Command quire is a self-hosted collaborative editor: one binary that serves the pages, merges what people type at the
// same time, and keeps every keystroke on disk.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().Run(ctx, os.Args)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "quire:", err)
		os.Exit(1)
	}
}

func command() *cli.Command {
	return &cli.Command{
		Name:                  "quire",
		Usage:                 "write documents together, on your own server",
		Version:               version,
		EnableShellCompletion: true,
		Suggest:               true,
		Commands:              []*cli.Command{serveCommand(), healthCommand()},
	}
}
