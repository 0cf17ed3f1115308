// Command quire is a self-hosted collaborative editor: one binary that serves the pages, merges what people type at the
// same time, and keeps every keystroke on disk.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/quire-editor/quire/command"
)

// version is set when a release is built.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, version, os.Args)
	stop()
	os.Exit(code)
}
