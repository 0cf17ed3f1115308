package command

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path"
	"regexp"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/quire-editor/quire/server"
)

// unixPrefix begins an address that is the path of a Unix socket.
const unixPrefix = "unix:"

// listen listens on host:port or a Unix socket. The socket's group may use it too: a proxy is put into that group.
func listen(address string) (net.Listener, error) {
	socket, isSocket := strings.CutPrefix(address, unixPrefix)
	if !isSocket {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		return listener, nil
	}
	if conn, err := net.Dial("unix", socket); err == nil {
		conn.Close()
		return nil, fmt.Errorf("cannot listen on %s: another server does", address)
	}
	listener, err := listenSocket(socket)
	if err == nil {
		err = os.Chmod(socket, 0o660)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w", address, err)
	}
	return listener, nil
}

// protocols are HTTP/1 and, for proxies that speak it to what is behind them, HTTP/2 without encryption. WebSockets come by
// HTTP/1 in any case.
func protocols() *http.Protocols {
	var p http.Protocols
	p.SetHTTP1(true)
	p.SetUnencryptedHTTP2(true)
	return &p
}

// addressOf is where people find what listens.
func addressOf(listener net.Listener, base string) string {
	if listener.Addr().Network() == "unix" {
		return unixPrefix + listener.Addr().String()
	}
	return "http://" + listener.Addr().String() + base
}

// isLoopback says whether everyone who can reach an address directly sits at this machine.
func isLoopback(address net.Addr) bool {
	tcp, ok := address.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// basePath is the setting with a slash before it and none behind; "" for the root of the host.
func basePath(c *cli.Command) string { return strings.TrimSuffix(c.String("base-path"), "/") }

var wellFormedPath = regexp.MustCompile(`^(/[A-Za-z0-9._~-]+)*/?$`)

func validBasePath(p string) error {
	if !wellFormedPath.MatchString(p) || path.Clean("/"+p) != "/"+strings.Trim(p, "/") {
		return fmt.Errorf("%q is not a path such as /docs", p)
	}
	return nil
}

func validProxies(names []string) error {
	_, err := server.ParseProxies(names)
	return err
}

// dialable is an address that reaches whoever listens on another from this machine.
func dialable(listen string) (network, address string, err error) {
	if socket, ok := strings.CutPrefix(listen, unixPrefix); ok {
		return "unix", socket, nil
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "", "", fmt.Errorf("%q is not an address: %w", listen, err)
	}
	if ip, err := netip.ParseAddr(host); host == "" || err == nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "tcp", net.JoinHostPort(host, port), nil
}
