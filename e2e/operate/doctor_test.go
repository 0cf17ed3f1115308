package operate

import (
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/quire-editor/quire/e2e/quire"
)

// proxied starts a proxy before a server that changes each request.
func proxied(t *testing.T, server string, change func(*http.Request)) string {
	t.Helper()
	to, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = "http", to.Host, r.In.Host
		change(r.Out)
	}}
	web := httptest.NewServer(proxy)
	t.Cleanup(web.Close)
	return web.URL
}

// The usual mistakes of proxies are told apart, each with what to do.
func TestDoctorNamesWhatIsWrongWithTheProxy(t *testing.T) {
	if _, err := os.Stat("../../frontend/dist/index.html"); err != nil {
		t.Skip("needs the built page: make page")
	}
	s := newSite(t)
	below, err := quire.Start(bin, filepath.Join(t.TempDir(), "data"), "127.0.0.1:0", "--base-path", "/docs")
	if err != nil {
		t.Fatal(err)
	}
	defer below.Kill()
	at := strings.TrimSuffix(below.URL, "/docs")
	same := func(*http.Request) {}
	cut := func(r *http.Request) { r.URL.Path = strings.TrimPrefix(r.URL.Path, "/docs") }
	for name, c := range map[string]struct {
		url  string
		says string
	}{
		"all well":         {proxied(t, s.URL, same), "ok     WebSockets pass, and the Origin is accepted"},
		"no Upgrade":       {proxied(t, s.URL, func(r *http.Request) { r.Header.Del("Upgrade"); r.Header.Del("Connection") }), "proxy_set_header Upgrade $http_upgrade"},
		"another Host":     {proxied(t, s.URL, func(r *http.Request) { r.Host = "upstream" }), "proxy_set_header Host $http_host; or run quire serve with --origin http://127.0.0.1"},
		"below, well":      {proxied(t, at, same) + "/docs/", "ok     the path is right: /docs/"},
		"path cut":         {proxied(t, at, cut) + "/docs", "no path and no slash behind proxy_pass's port"},
		"path not known":   {proxied(t, s.URL, cut) + "/docs", "run quire serve with --base-path /docs"},
		"nobody there":     {proxied(t, "http://127.0.0.1:1", same), "it does not reach Quire"},
		"something else":   {proxied(t, s.URL, func(r *http.Request) { r.URL.Path = "/healthz" }), "not with a page of Quire"},
		"nothing to reach": {"http://127.0.0.1:1", "cannot be reached"},
	} {
		o := quire.Run(t, bin, "doctor", "--data", s.data, "--listen", s.Address(), "--url", c.url)
		if !strings.Contains(o.Out, c.says) {
			t.Errorf("%s: %q is not in\n%s%s", name, c.says, o.Out, o.Err)
		}
		if well, wrong := strings.HasPrefix(c.says, "ok"), strings.Contains(wayOf(o.Out), "WRONG"); well == wrong {
			t.Errorf("%s:\n%s", name, o.Out)
		}
		if wrong := strings.Contains(o.Out, "WRONG"); wrong != (o.Code == 3) {
			t.Errorf("%s: exit code %d\n%s", name, o.Code, o.Out)
		}
	}
}

// wayOf is what a doctor says after the server's answer: the rest depends on the machine.
func wayOf(said string) string {
	_, way, _ := strings.Cut(said, "answers, and commits\n")
	return way
}

func TestDoctorLooksAtTheFolderTheDiskAndTheClock(t *testing.T) {
	s := newSite(t)
	said := quire.Run(t, bin, "doctor", "--data", s.data, "--listen", s.Address()).Out
	for _, line := range []string{
		`(?m)^ok     the data folder .* can be written by this user`,
		`(?m)^(ok|WRONG)  +(an fsync takes|the data folder is on)`,
		`(?m)^(ok|WRONG)  +the disk has`,
		`(?m)^(ok|note)  +the clock says`,
		`(?m)^ok     the server at .* answers, and commits$`,
	} {
		if !regexp.MustCompile(line).MatchString(said) {
			t.Errorf("%s is not in\n%s", line, said)
		}
	}
	if err := os.Chmod(s.data, 0o755); err != nil {
		t.Fatal(err)
	}
	if o := quire.Run(t, bin, "doctor", "--data", s.data); !strings.Contains(o.Out, "run: chmod 700 "+s.data) || o.Code != 3 {
		t.Errorf("a folder that others can read: %s", o.Out)
	}
	if o := quire.Run(t, bin, "doctor", "--data", filepath.Join(s.data, "secret")); !strings.Contains(o.Out, "is no folder") {
		t.Errorf("a file: %s", o.Out)
	}
	s.stop()
	if err := os.Chtimes(filepath.Join(s.data, "main.db"), distantFuture, distantFuture); err != nil {
		t.Fatal(err)
	}
	if o := quire.Run(t, bin, "doctor", "--data", s.data); !strings.Contains(o.Out, "timedatectl set-ntp true") || !strings.Contains(o.Out, "main.db was written at") {
		t.Errorf("a file of the future: %s", o.Out)
	}
}

// On a folder that belongs to root, as containers' bind mounts often do, the server and doctor say the one command that helps.
func TestARootOwnedFolderIsAnsweredWithTheCommandThatHelps(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, to run the server as another user")
	}
	folder, err := os.MkdirTemp("/tmp", "quire-owned-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	data, program := filepath.Join(folder, "data"), filepath.Join(folder, "quire")
	if err := os.Mkdir(data, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, program, read(t, bin))
	for _, open := range []string{folder, program} {
		if err := os.Chmod(open, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	as := func(args ...string) string {
		cmd := exec.Command(program, args...)
		cmd.Dir = "/"
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65532, Gid: 65532}}
		out, _ := cmd.CombinedOutput()
		return string(out)
	}
	for _, command := range []string{"serve", "doctor"} {
		said := as(command, "--data", data, "--listen", "127.0.0.1:0")
		if !strings.Contains(said, "chown -R 65532:65532 ") {
			t.Errorf("%s says %s", command, said)
		}
		if command == "serve" && strings.Count(said, "\n") != 1 {
			t.Errorf("serve says more than one line:\n%s", said)
		}
	}
	if out, err := exec.Command("chown", "-R", "65532:65532", data).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	if said := as("doctor", "--data", data); strings.Contains(said, "cannot write") {
		t.Errorf("after the command doctor says %s", said)
	}
}
