package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/server/site"
)

func siteCommand() *cli.Command {
	return &cli.Command{
		Name:  "site",
		Usage: "add, list and remove the sites that embed documents",
		Commands: []*cli.Command{
			{
				Name: "add", Usage: "make a site known and print the secret for its tokens, if they are signed with one", ArgsUsage: "NAME", Action: addSite,
				Description: "NAME is what you know it by. The site's server signs tokens that say who its users are and what they may do; docs/access.md has what is in them.",
				Flags: []cli.Flag{
					dataFlag(),
					&cli.StringSliceFlag{Name: "origin", Usage: "an `ORIGIN` of the site's pages, such as https://example.org; repeat or separate by commas", Required: true},
					&cli.StringFlag{Name: "audience", Usage: "the `ADDRESS` of this server as the site's tokens name it (aud), such as https://docs.example.org", Required: true},
					&cli.StringFlag{
						Name: "algorithm", Value: site.Secret, Validator: oneOf(append([]string{site.Secret}, site.Algorithms...)...),
						Usage: "the only `ALGORITHM` of the site's tokens",
					},
					&cli.StringFlag{Name: "jwks", Usage: "`URL` at which the site publishes its keys, unless it signs with a secret"},
					&cli.StringFlag{Name: "callback", Usage: "`URL` at which the site's server is told what was saved, in messages signed with a second secret"},
					&cli.IntFlag{
						Name: "sessions", Validator: atLeast(0),
						Usage: "how many connections the site's users may have together, so that others are left some; 0 for as many as the server takes",
					},
					&cli.StringSliceFlag{
						Name:  "document",
						Usage: "the `ID` of a document that the site may embed, or the beginning of some and a *; repeat or separate by commas; without any it is all",
					},
				},
			},
			{Name: "list", Usage: "list the sites", Action: listSites, Flags: []cli.Flag{dataFlag()}},
			{
				Name: "remove", Usage: "forget a site, and end every connection made with its tokens", ArgsUsage: "ID", Action: removeSite,
				Flags: []cli.Flag{dataFlag()},
			},
		},
		Action: unknownCommand,
	}
}

func addSite(ctx context.Context, c *cli.Command) error {
	name, err := oneArgument(c, "what the site is to be known by")
	if err != nil {
		return err
	}
	added, err := add[server.NewSite](ctx, c, "/sites", site.Site{
		Name: name, Origins: c.StringSlice("origin"), Audience: c.String("audience"),
		Algorithm: c.String("algorithm"), JWKS: c.String("jwks"), Callback: c.String("callback"), Documents: c.StringSlice("document"), Sessions: c.Int("sessions"),
	})
	if err != nil {
		return fmt.Errorf("no site was added: %w", err)
	}
	fmt.Fprintf(out(c), "site %s\n", added.ID)
	if added.Secret != "" {
		fmt.Fprintf(out(c), "secret %s\n", added.Secret)
	}
	if added.CallbackSecret != "" {
		fmt.Fprintf(out(c), "callback-secret %s\n", added.CallbackSecret)
	}
	return nil
}

func listSites(ctx context.Context, c *cli.Command) error {
	if err := noArguments(c); err != nil {
		return err
	}
	list, err := get[[]site.Site](ctx, c, "/sites")
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out(c), 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tNAME\tORIGINS\tSIGNS WITH\tDOCUMENTS\tCALLBACK\tADDED")
	for _, s := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n",
			s.ID, s.Name, strings.Join(s.Origins, ","), s.Algorithm, documentsOf(s.Documents), cmp.Or(s.Callback, "none"), day(s.At))
	}
	return w.Flush()
}

func removeSite(ctx context.Context, c *cli.Command) error {
	id, err := oneArgument(c, "which site, by the ID that the list has")
	if err != nil {
		return err
	}
	if err := remove(ctx, c, "/sites", id); err != nil {
		return err
	}
	fmt.Fprintf(say(c), "Site %s is removed.\n", id)
	return nil
}
