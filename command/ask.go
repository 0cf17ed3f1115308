package command

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"

	"github.com/urfave/cli/v3"
)

// Lists that the server of the data folder keeps, such as of tokens and of sites, are read and changed alike: a path names the list,
// and the path and an ID an entry.

// get returns a list.
func get[T any](ctx context.Context, c *cli.Command, path string) (list T, err error) {
	err = askAbout(ctx, c, http.MethodGet, path, nil, decodeInto(&list))
	return list, err
}

// add adds an entry to a list, and returns what the server says of it.
func add[T any](ctx context.Context, c *cli.Command, path string, entry any) (added T, err error) {
	body, err := json.Marshal(entry)
	if err != nil {
		return added, fmt.Errorf("encode an entry of %s: %w", path, err)
	}
	err = askAbout(ctx, c, http.MethodPost, path, bytes.NewReader(body), decodeInto(&added))
	return added, err
}

// remove removes an entry from a list.
func remove(ctx context.Context, c *cli.Command, path, id string) error {
	return askAbout(ctx, c, http.MethodDelete, path+"/"+url.PathEscape(id), nil, func(io.Reader) error { return nil })
}

func decodeInto(answer any) func(io.Reader) error {
	return func(r io.Reader) error { return json.NewDecoder(r).Decode(answer) }
}

// askAbout asks the server of the data folder, which is this process if none runs.
func askAbout(ctx context.Context, c *cli.Command, method, path string, body io.Reader, read func(io.Reader) error) (err error) {
	o, err := reach(c.String("data"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.end()) }()
	return o.ask(ctx, method, path, body, read)
}
