package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/server"
)

func verifyCommand() *cli.Command {
	return &cli.Command{
		Name:  "verify",
		Usage: "read everything that is kept and say what is wrong, while people type",
		Description: "Every checksum is checked. Every document is built anew from its history, change by change, and compared with " +
			"each of its snapshots; every picture with its name. What is wrong is named by document and revision, and the exit code is then 3.",
		Flags: []cli.Flag{
			dataFlag(),
			&cli.StringFlag{Name: "backup", Usage: "verify the backup in this `FILE` instead, by restoring it into a temporary folder"},
		},
		Action: verify,
	}
}

func verify(ctx context.Context, c *cli.Command) error {
	if err := noArguments(c); err != nil {
		return err
	}
	if path := c.String("backup"); path != "" {
		return verifyBackup(ctx, c, path)
	}
	o, err := reach(c.String("data"))
	if err != nil {
		return err
	}
	found, err := verifyWith(ctx, o, say(c))
	if err = errors.Join(err, o.end()); err != nil {
		return err
	}
	if len(found.Problems) > 0 {
		printFaults(out(c), found.Problems)
		return errFound
	}
	fmt.Fprintf(out(c), "all well: %s\n", countsOf(found))
	return nil
}

func verifyBackup(ctx context.Context, c *cli.Command, path string) error {
	in, size, end, err := openFile(c, path)
	if err != nil {
		return err
	}
	defer end()
	dir, err := os.MkdirTemp("", "quire-verify-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	found, err := unpack(ctx, c, dir, in, size)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	fmt.Fprintf(out(c), "%s: all well: %s\n", path, countsOf(found))
	return nil
}

// verifyWith has everything read and returns what was found.
func verifyWith(ctx context.Context, o *operator, tell io.Writer) (found server.Verification, err error) {
	p := newProgress(tell)
	defer p.end()
	err = o.ask(ctx, http.MethodPost, "/verify", nil, func(r io.Reader) error {
		lines := json.NewDecoder(r)
		for {
			var line server.VerifyLine
			if err := lines.Decode(&line); err != nil {
				return err
			}
			if line.Done {
				found = line.Verification
				return nil
			}
			p.tell("verifying: %s", countsOf(line.Verification))
		}
	})
	return found, err
}

func countsOf(v server.Verification) string {
	return fmt.Sprintf("%d documents, %d changes, %d snapshots, %d pictures", v.Documents, v.Records, v.Snapshots, v.Pictures)
}

func printFaults(w io.Writer, faults []server.VerifiedFault) {
	for _, f := range faults {
		fmt.Fprintln(w, f)
	}
	fmt.Fprintln(w, "Keep the data folder as it is, and restore a backup into an empty one; docs/backup.md says how.")
}
