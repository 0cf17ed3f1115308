package command

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"

	"github.com/quire-editor/quire/server"
	"github.com/quire-editor/quire/store"
)

// operator asks the server that has a data folder open: the running one, or where none runs, one that lives as long as the
// command and serves nobody else.
type operator struct {
	web  *http.Client
	data string
	// end releases the folder where this process has it.
	end func() error
}

// errNoData is returned for a folder in which nothing is kept.
var errNoData = errors.New("no data folder")

// reach finds or becomes the server of a data folder. Call end.
func reach(data string) (*operator, error) {
	if _, err := os.Stat(filepath.Join(data, store.JournalName)); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s: name it with --data or QUIRE_DATA", errNoData, data)
	}
	path := filepath.Join(data, socketName)
	if conn, err := net.Dial("unix", path); err == nil {
		conn.Close()
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		return &operator{&http.Client{Transport: &http.Transport{DialContext: dial}}, data, func() error { return nil }}, nil
	}
	return open(data, slog.LevelWarn)
}

// open serves the operations of a folder that no server has open, in memory. What is as important as a level is logged.
func open(data string, level slog.Level) (*operator, error) {
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	st, err := store.Open(data, store.Options{Logger: logger})
	if errors.Is(err, store.ErrInUse) {
		return nil, fmt.Errorf("a server has %s open, and does not answer on its socket there; its log says why: %w", data, err)
	}
	if err != nil {
		return nil, err
	}
	secret, err := server.LoadSecret(filepath.Join(data, server.SecretFile))
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	quire := server.New(server.Options{Store: st, Secret: secret, Logger: slog.New(slog.DiscardHandler)})
	pipe := newPipe()
	web := &http.Server{Handler: quire.Operations()}
	ended := make(chan struct{})
	go func() { defer close(ended); _ = web.Serve(pipe) }()
	end := func() error {
		_ = web.Close()
		<-ended
		return st.Close()
	}
	return &operator{&http.Client{Transport: &http.Transport{DialContext: pipe.dial}}, data, end}, nil
}

// ask has an operation done and passes what it answers to read. Whatever went wrong is its error, even after the answer had
// begun.
func (o *operator) ask(ctx context.Context, method, path string, body io.Reader, read func(io.Reader) error) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://quire"+path, body)
	if err != nil {
		return err
	}
	resp, err := o.web.Do(req)
	if err != nil {
		return fmt.Errorf("the server does not answer: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("the server answers %s; is it of another version than this command?", resp.Status)
	}
	answer := bufio.NewReader(resp.Body)
	if _, err := answer.Peek(1); errors.Is(err, io.EOF) {
		if failed := resp.Trailer.Get(server.OperationError); failed != "" {
			return errors.New(failed) // nothing was answered, so nothing needs to be read
		}
	}
	err = read(answer)
	if err == nil {
		_, err = io.Copy(io.Discard, answer) // the trailer comes after it
	}
	if failed := resp.Trailer.Get(server.OperationError); failed != "" {
		return errors.New(failed)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the server ended in the middle of it: %w", err)
	}
	return err
}

// pipe is a listener within the process.
type pipe struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipe() *pipe { return &pipe{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipe) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	ours, theirs := net.Pipe()
	select {
	case p.conns <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pipe) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipe) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "pipe" }
