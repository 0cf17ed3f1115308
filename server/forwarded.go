package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are those who may say for whom they speak, in X-Forwarded-For, -Host and -Proto. What anybody else says there is
// ignored: browsers' own requests can carry such headers.
type Proxies struct {
	networks []netip.Prefix
	unix     bool
}

// TrustUnix, among the proxies, stands for whoever comes over a Unix socket.
const TrustUnix = "unix"

// ParseProxies reads addresses (192.0.2.1), networks (10.0.0.0/8) and TrustUnix.
func ParseProxies(names []string) (p Proxies, err error) {
	for _, name := range names {
		if name == TrustUnix {
			p.unix = true
			continue
		}
		network, err := netip.ParsePrefix(name)
		if err != nil {
			var address netip.Addr
			if address, err = netip.ParseAddr(name); err == nil {
				network, err = address.Unmap().Prefix(address.Unmap().BitLen())
			}
		}
		if err != nil {
			return p, fmt.Errorf("%q is no address (192.0.2.1), no network (10.0.0.0/8) and not %q", name, TrustUnix)
		}
		p.networks = append(p.networks, network)
	}
	return p, nil
}

// trusts says whether the peer of a request may say for whom it speaks.
func (p Proxies) trusts(req *http.Request) bool {
	if local, ok := req.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && local.Network() == "unix" {
		return p.unix
	}
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	return err == nil && p.includes(host)
}

func (p Proxies) includes(host string) bool {
	address, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, network := range p.networks {
		if network.Contains(address.Unmap().WithZone("")) {
			return true
		}
	}
	return false
}

// forwarded returns what the nearest proxy says, if it may; "" otherwise. Proxies add at the end.
func (p Proxies) forwarded(req *http.Request, header string) string {
	if !p.trusts(req) {
		return ""
	}
	said := strings.Join(req.Header.Values(header), ",")
	return strings.TrimSpace(said[strings.LastIndexByte(said, ',')+1:])
}

// host is the name under which the browser reached the server.
func (p Proxies) host(req *http.Request) string {
	if host := p.forwarded(req, "X-Forwarded-Host"); host != "" {
		return host
	}
	return req.Host
}

// secure says whether the browser's connection is encrypted.
func (p Proxies) secure(req *http.Request) bool {
	return req.TLS != nil || strings.EqualFold(p.forwarded(req, "X-Forwarded-Proto"), "https")
}

// client is the address that a request is from: the last one that is no trusted proxy.
func (p Proxies) client(req *http.Request) string {
	host, _, err := net.SplitHostPort(req.RemoteAddr)
	if err != nil {
		host = req.RemoteAddr
	}
	if !p.trusts(req) {
		return host
	}
	said := strings.Split(strings.Join(req.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(said) - 1; i >= 0; i-- {
		address := strings.TrimSpace(said[i])
		if _, err := netip.ParseAddr(address); err != nil {
			break
		}
		if host = address; !p.includes(address) {
			break
		}
	}
	return host
}

// mayListAll says whether a request may list every document. A list made for those who sit at this machine is not for whoever
// comes through a proxy on it.
func (s *Server) mayListAll(req *http.Request) bool {
	return s.listAll || s.listLocally && isLocal(req)
}

// isLocal says whether a request was made at this machine, by all that it says.
func isLocal(req *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via"} {
		if req.Header.Get(header) != "" {
			return false
		}
	}
	return isLoopback(req.Host) && isLoopback(req.RemoteAddr)
}

// isLoopback says whether a host, with or without a port, names the machine itself.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
