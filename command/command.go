// Package command is what an operator types: each subcommand of quire, one file each.
//
// Commands that need the data folder ask the server that has it open, over a socket in that folder, and open the folder
// themselves where none runs (see operator).
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v3"
)

// What the process ends with.
const (
	exitDone  = 0
	exitError = 1
	exitUsage = 2 // the command line makes no sense
	exitFound = 3 // verify or doctor did their work, and found something wrong
)

var (
	// errFound ends a command that did its work, found something wrong and has said what.
	errFound = errors.New("something is wrong, see above")
	// errUsage is in every error of a command line that makes no sense.
	errUsage = errors.New("wrong usage")
)

// Run does what the arguments say, the first of which is the program's name, and returns the exit code.
func Run(ctx context.Context, version string, args []string) int {
	err := root(version, args).Run(ctx, args)
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errFound):
		return exitFound
	}
	fmt.Fprintln(os.Stderr, "quire:", err)
	if errors.Is(err, errUsage) {
		return exitUsage
	}
	return exitError
}

func root(version string, args []string) *cli.Command {
	c := &cli.Command{
		Name:  "quire",
		Usage: "write documents together, on your own server",
		Description: "Exit codes: 0 done; 1 it failed; 2 the command line makes no sense; " +
			"3 verify or doctor did their work and found something wrong.",
		EnableShellCompletion: true,
		Suggest:               true,
		ConfigureShellCompletionCommand: func(c *cli.Command) {
			c.Hidden = false
			c.Usage = "print what makes a shell complete quire's commands: bash, zsh, fish or pwsh"
		},
		// What is wrong is printed once, by Run.
		ExitErrHandler: func(context.Context, *cli.Command, error) {},
		Commands: []*cli.Command{
			serveCommand(version), backupCommand(), restoreCommand(), verifyCommand(), exportCommand(), importCommand(),
			tokenCommand(), noticeCommand(), siteCommand(), configCommand(args), doctorCommand(), healthCommand(), versionCommand(version),
		},
		Action: unknownCommand,
	}
	all := append(slices.Clone(c.Commands), c)
	for _, sub := range c.Commands {
		all = append(all, sub.Commands...)
	}
	for _, sub := range all {
		sub.OnUsageError = func(_ context.Context, c *cli.Command, err error, _ bool) error {
			return fmt.Errorf("%w: %w (%s --help)", errUsage, err, c.FullName())
		}
	}
	return c
}

// unknownCommand answers a line that names no command.
func unknownCommand(_ context.Context, c *cli.Command) error {
	if name := c.Args().First(); name != "" {
		return fmt.Errorf("%w: there is no command %q (quire --help lists them)", errUsage, name)
	}
	return cli.ShowAppHelp(c)
}

// dataFlag names the folder that a command works on.
func dataFlag() cli.Flag {
	return &cli.StringFlag{
		Name: "data", Value: "./data", Sources: cli.EnvVars("QUIRE_DATA"),
		Usage: "`FOLDER` that holds everything Quire keeps",
	}
}

// oneArgument returns the only argument of a command.
func oneArgument(c *cli.Command, what string) (string, error) {
	if c.NArg() != 1 {
		return "", fmt.Errorf("%w: say %s (%s --help)", errUsage, what, c.FullName())
	}
	return c.Args().First(), nil
}

func noArguments(c *cli.Command) error {
	if c.NArg() > 0 {
		return fmt.Errorf("%w: %s takes no argument %q (%s --help)", errUsage, c.FullName(), c.Args().First(), c.FullName())
	}
	return nil
}

// out is where a command writes its answer, and say where it tells people how it goes.
func out(c *cli.Command) io.Writer { return c.Root().Writer }

func say(c *cli.Command) io.Writer { return c.Root().ErrWriter }
