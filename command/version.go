package command

import (
	"context"
	"fmt"
	"runtime"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/store"
)

func versionCommand(version string) *cli.Command {
	return &cli.Command{
		Name:  "version",
		Usage: "print which version this is, and of which data it is",
		Action: func(_ context.Context, c *cli.Command) error {
			_, err := fmt.Fprintf(out(c), "quire %s (data format %d, %s, %s/%s)\n",
				version, store.FormatVersion, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
