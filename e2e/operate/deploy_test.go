package operate

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/quire"
)

// deploy is where the configurations are that we publish.
const deploy = "../../deploy/"

// The Caddyfile that we publish, but for names and ports, passes requests and WebSockets, and says for whom it speaks. (nginx's is
// what the browser tests run behind.)
func TestPublishedCaddyfile(t *testing.T) {
	caddy, err := exec.LookPath("caddy")
	if err != nil {
		t.Skip("needs caddy: apt-get install caddy")
	}
	server, err := quire.Start(bin, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "--trusted-proxy", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	address := freeAddress(t)
	config := string(read(t, deploy+"Caddyfile"))
	config = substitute(t, config, "docs.example.org {", "http://"+address+" {")
	config = substitute(t, config, "reverse_proxy 127.0.0.1:8080\n", "reverse_proxy "+server.Address()+"\n")
	path := filepath.Join(t.TempDir(), "Caddyfile")
	write(t, path, []byte("{\n\tadmin off\n}\n"+config))
	cmd := exec.Command(caddy, "run", "--config", path, "--adapter", "caddyfile")
	cmd.Env = append(cmd.Environ(), "HOME="+t.TempDir())
	cmd.Stdin = nil
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	passes(t, "http://"+address)
}

// The file for Traefik that we publish, but for names, ports and the certificate, does the same below a path.
func TestPublishedFileForTraefik(t *testing.T) {
	traefik, err := exec.LookPath("traefik")
	if err != nil {
		t.Skip("needs traefik (https://doc.traefik.io/traefik/getting-started/install-traefik/)")
	}
	server, err := quire.Start(bin, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "--base-path", "/docs", "--trusted-proxy", "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	address := freeAddress(t)
	config := string(read(t, deploy+"traefik.yaml"))
	config = substitute(t, config, "Host(`docs.example.org`)", "Host(`127.0.0.1`)")
	config = substitute(t, config, "      tls:\n        certResolver: letsencrypt\n", "")
	config = substitute(t, config, "http://127.0.0.1:8080", "http://"+server.Address())
	path := filepath.Join(t.TempDir(), "traefik.yaml")
	write(t, path, []byte(config))
	cmd := exec.Command(traefik, "--providers.file.filename="+path, "--entryPoints.websecure.address="+address)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	passes(t, "http://"+address+"/docs")
}

// passes checks that requests and WebSockets pass a proxy, and that the browser's own host arrives.
func passes(t *testing.T, url string) {
	t.Helper()
	awaitAnswer(t, url+"/healthz")
	resp, err := http.Post(url+"/api/v1/documents", "application/json", strings.NewReader(`{"kind":"text","text":"through"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusCreated {
		body, _ := io.ReadAll(resp.Body)
		t.Fatalf("%s %s", resp.Status, body)
	}
	id := filepath.Base(resp.Header.Get("Location"))
	header := http.Header{"Origin": {url}}
	conn, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/ws/"+id, header)
	if err != nil {
		t.Fatal("the WebSocket does not pass:", err)
	}
	defer conn.Close()
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"a":"f","c":"documents","d":"`+id+`"}`)); err != nil {
		t.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if _, answer, err := conn.ReadMessage(); err != nil || !strings.Contains(string(answer), "through") {
		t.Errorf("%s (%v)", answer, err)
	}
}

// awaitAnswer returns when a server that is starting answers, through a proxy that is starting.
func awaitAnswer(t *testing.T, url string) {
	t.Helper()
	for until := time.Now().Add(patience); ; {
		resp, err := http.Get(url)
		if err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
			err = errors.New(resp.Status)
		}
		if time.Now().After(until) {
			t.Fatal(err)
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

func substitute(t *testing.T, text, old, with string) string {
	t.Helper()
	if strings.Count(text, old) != 1 {
		t.Fatalf("%q is not in the published file once:\n%s", old, text)
	}
	return strings.Replace(text, old, with, 1)
}

// What the published files say of Quire's settings is true of the binary.
func TestPublishedFilesNameSettingsThatExist(t *testing.T) {
	help := run(t, 0, "serve", "--help").Out
	for _, name := range []string{"nginx.conf", "Caddyfile", "traefik.yaml"} {
		flags := regexp.MustCompile(`--[a-z-]+`).FindAllString(string(read(t, deploy+name)), -1)
		if len(flags) == 0 {
			t.Errorf("%s does not say how Quire is started", name)
		}
		for _, flag := range flags {
			if !strings.Contains(help, fmt.Sprintf("%s ", flag)) {
				t.Errorf("%s names %s, which quire serve does not know", name, flag)
			}
		}
	}
}
