package command

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"
)

// configCommand takes the flags of serve. args is the command line, which tells a flag from a variable.
func configCommand(args []string) *cli.Command {
	return &cli.Command{
		Name:        "config",
		Usage:       "print each setting of serve, its value, and where that came from",
		Description: "Run it where the server runs and with the same flags: in its container, or with its unit's environment.",
		Flags:       serveFlags(),
		Action: func(_ context.Context, c *cli.Command) error {
			if err := noArguments(c); err != nil {
				return err
			}
			table := tabwriter.NewWriter(out(c), 0, 0, 2, ' ', 0)
			fmt.Fprintln(table, "SETTING\tVALUE\tFROM")
			for _, f := range c.Flags {
				name := f.Names()[0]
				if name == "help" {
					continue
				}
				fmt.Fprintf(table, "--%s\t%s\t%s\n", name, valueOf(c, name), originOf(f, name, args))
			}
			return table.Flush()
		},
	}
}

func valueOf(c *cli.Command, name string) string {
	if name == secretFlag && c.String(name) != "" {
		return "(not shown)"
	}
	switch v := c.Value(name).(type) {
	case []string:
		return orNone(strings.Join(v, ", "))
	default:
		return orNone(fmt.Sprint(v))
	}
}

func orNone(s string) string {
	if s == "" {
		return "(none)"
	}
	return s
}

// originOf says where a flag's value is from.
func originOf(f cli.Flag, name string, args []string) string {
	given := func(arg string) bool {
		arg, _, _ = strings.Cut(arg, "=")
		return strings.TrimLeft(arg, "-") == name && strings.HasPrefix(arg, "-")
	}
	if slices.ContainsFunc(args, given) {
		return "the command line"
	}
	if from, ok := f.(cli.DocGenerationFlag); ok && f.IsSet() {
		for _, variable := range from.GetEnvVars() {
			if os.Getenv(variable) != "" {
				return variable
			}
		}
	}
	return "the default"
}
