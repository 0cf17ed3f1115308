package command

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/server/access"
)

func tokenCommand() *cli.Command {
	return &cli.Command{
		Name:  "token",
		Usage: "make, list and revoke the tokens by which programs are let in",
		Commands: []*cli.Command{
			{
				Name: "create", Usage: "make a token and print it, this once", ArgsUsage: "NAME", Action: createToken,
				Description: "NAME is what you know it by. A program shows the token as Authorization: Bearer, or in the handshake on a WebSocket.",
				Flags: []cli.Flag{
					dataFlag(),
					&cli.StringFlag{
						Name: "allow", Value: allowRead, Validator: oneOf(allowRead, allowWrite, allowAdmin),
						Usage: "`WHAT` it is for: read; write, which also creates documents; admin, which also deletes them and says who has access",
					},
					&cli.StringSliceFlag{
						Name:  "document",
						Usage: "the `ID` of a document that it is for, or the beginning of some and a *; repeat or separate by commas; without any it is for all",
					},
					&cli.IntFlag{Name: "days", Usage: "after how many `DAYS` it ends; 0 for never", Validator: atLeast(0)},
				},
			},
			{Name: "list", Usage: "list the tokens", Action: listTokens, Flags: []cli.Flag{dataFlag()}},
			{
				Name: "revoke", Usage: "end a token and every connection made with it", ArgsUsage: "ID", Action: revokeToken,
				Flags: []cli.Flag{dataFlag()},
			},
		},
		Action: unknownCommand,
	}
}

// What a token can be for.
const (
	allowRead  = "read"
	allowWrite = "write"
	allowAdmin = "admin"
)

var rolesOfTokens = map[string]access.Role{allowRead: access.Viewer, allowWrite: access.Editor, allowAdmin: access.Owner}

func createToken(ctx context.Context, c *cli.Command) error {
	name, err := oneArgument(c, "what the token is to be known by")
	if err != nil {
		return err
	}
	asked := server.NewToken{Token: server.Token{
		Name: name, Scope: access.Scope{Role: rolesOfTokens[c.String("allow")], Documents: c.StringSlice("document")},
	}}
	if days := c.Int("days"); days > 0 {
		asked.Expires = time.Now().AddDate(0, 0, days).UnixMilli()
	}
	made, err := add[server.NewToken](ctx, c, "/tokens", asked)
	if err != nil {
		return fmt.Errorf("no token was made: %w", err)
	}
	fmt.Fprintln(out(c), made.Text)
	fmt.Fprintf(say(c), "Token %s (%s). Keep it now: only a hash of it is kept here.\n", made.ID, made.Name)
	return nil
}

func listTokens(ctx context.Context, c *cli.Command) error {
	if err := noArguments(c); err != nil {
		return err
	}
	list, err := get[[]server.Token](ctx, c, "/tokens")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out(c), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tALLOWS\tDOCUMENTS\tMADE\tENDS")
	for _, t := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", t.ID, t.Name, allowedBy(t.Scope.Role), documentsOf(t.Scope.Documents), day(t.At), day(t.Expires))
	}
	return w.Flush()
}

func allowedBy(role access.Role) string {
	for word, r := range rolesOfTokens {
		if r == role {
			return word
		}
	}
	return string(role)
}

func documentsOf(documents []string) string {
	if len(documents) == 0 {
		return "all"
	}
	return strings.Join(documents, ",")
}

// day is a time in milliseconds since the epoch as a list shows it.
func day(ms int64) string {
	if ms == 0 {
		return "never"
	}
	return time.UnixMilli(ms).Format(time.DateOnly)
}

func revokeToken(ctx context.Context, c *cli.Command) error {
	id, err := oneArgument(c, "which token, by the ID that the list has")
	if err != nil {
		return err
	}
	if err := remove(ctx, c, "/tokens", id); err != nil {
		return err
	}
	fmt.Fprintf(say(c), "Token %s is revoked.\n", id)
	return nil
}
