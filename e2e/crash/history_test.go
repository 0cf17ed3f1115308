package crash

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/quire"
)

const secret = "correct-horse-battery-staple"

// owner is who created a document, over the API.
type owner struct {
	t      *testing.T
	bin    string
	client http.Client
	server *quire.Process
}

func (o *owner) do(method, path, body string) (int, string, error) {
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.server.URL+"/api/v1/documents"+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	resp, err := o.client.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(answer), err
}

// must is do with an answer that has to be good.
func (o *owner) must(method, path, body string) string {
	o.t.Helper()
	status, answer, err := o.do(method, path, body)
	if err != nil || status >= 300 {
		o.t.Fatalf("%s %s answered %d %s %v", method, path, status, answer, err)
	}
	return answer
}

// written makes a document that takes some time to rewrite, with the secret in the middle of most of its past.
func (o *owner) written(random *rand.Rand) (id string, texts []string) {
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(o.must("POST", "", `{"kind":"text","text":""}`)), &made); err != nil {
		o.t.Fatal(err)
	}
	texts = []string{"", ""}
	for range 60 {
		words := make([]string, 2000)
		for i := range words {
			words[i] = fmt.Sprint("word", random.IntN(10_000))
		}
		words[1000] = secret
		texts = append(texts, strings.Join(words, " "))
		o.must("PUT", "/"+made.ID+"/text", texts[len(texts)-1])
	}
	return made.ID, texts
}

// TestRedactionKilledInBetweenIsDoneOrNotBegun kills the server while it redacts: after the next start the secret is everywhere it
// was and no redaction is told of, or it is nowhere and the redaction is.
func TestRedactionKilledInBetweenIsDoneOrNotBegun(t *testing.T) {
	random := seeded(t)
	done, began := 0, 0
	bin := quire.Build(t)
	for range *rounds {
		data := filepath.Join(t.TempDir(), "data")
		o := begin(t, bin, data)
		id, texts := o.written(random)
		at := strings.Index(texts[len(texts)-1], secret)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _, _ = o.do("POST", "/"+id+"/redactions", fmt.Sprintf(`{"index":%d,"length":%d}`, at, len(secret)))
		}()
		o.killAfter(data, time.Duration(random.IntN(150))*time.Millisecond, ended)
		began++
		if o.redacted(id, data, len(texts)) {
			done++
		}
		if err := o.server.Kill(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d redactions killed: %d done, %d not begun", began, done, began-done)
}

// TestRestoreKilledInBetweenIsDoneOrNot kills the server while it restores a revision.
func TestRestoreKilledInBetweenIsDoneOrNot(t *testing.T) {
	random := seeded(t)
	bin := quire.Build(t)
	for range *rounds {
		data := filepath.Join(t.TempDir(), "data")
		o := begin(t, bin, data)
		id, texts := o.written(random)
		old := 2 + random.IntN(len(texts)-3)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_, _, _ = o.do("POST", "/"+id+"/restore", fmt.Sprintf(`{"revision":%d}`, old))
		}()
		o.killAfter(data, time.Duration(random.IntN(60))*time.Millisecond, ended)
		if got := o.must("GET", "/"+id+"/text", ""); got != texts[old] && got != texts[len(texts)-1] {
			t.Fatalf("after the kill the text is neither that of revision %d nor the one before", old)
		}
		if err := o.server.Kill(); err != nil {
			t.Fatal(err)
		}
	}
}

func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("rerun: go test ./e2e/crash -run '^%s$' -rounds %d -seed %d", t.Name(), *rounds, *seed)
	return rand.New(rand.NewPCG(*seed, 3))
}

// begin starts a server on new data.
func begin(t *testing.T, bin, data string) *owner {
	t.Helper()
	jar, _ := cookiejar.New(nil)
	o := &owner{t: t, bin: bin, client: http.Client{Jar: jar}}
	o.start(data, "127.0.0.1:0")
	return o
}

func (o *owner) start(data, listen string) {
	o.t.Helper()
	server, err := quire.Start(o.bin, data, listen)
	if err != nil {
		o.t.Fatal(err)
	}
	o.server = server
}

// killAfter kills the server some time into a request, and starts it again when that has ended.
func (o *owner) killAfter(data string, d time.Duration, ended <-chan struct{}) {
	o.t.Helper()
	address := o.server.Address()
	select {
	case <-time.After(d):
	case <-ended:
	}
	if err := o.server.Kill(); err != nil {
		o.t.Fatal(err)
	}
	<-ended
	o.start(data, address)
}

// redacted says whether a document was redacted, and fails if it was in part.
func (o *owner) redacted(id, data string, revisions int) bool {
	o.t.Helper()
	var list struct{ Redactions []struct{ Done bool } }
	if err := json.Unmarshal([]byte(o.must("GET", "/"+id+"/redactions", "")), &list); err != nil {
		o.t.Fatal(err)
	}
	with := 0
	for revision := 2; revision < revisions; revision++ {
		if strings.Contains(o.must("GET", fmt.Sprintf("/%s/revisions/%d/text", id, revision), ""), secret) {
			with++
		}
	}
	switch {
	case len(list.Redactions) == 0 && with == revisions-2:
		return false
	case len(list.Redactions) != 1 || !list.Redactions[0].Done || with > 0:
		o.t.Fatalf("%+v, and %d of %d revisions have the secret", list.Redactions, with, revisions-2)
	}
	for _, name := range []string{"main.db", "journal.db"} {
		raw, err := os.ReadFile(filepath.Join(data, name))
		if err != nil {
			o.t.Fatal(err)
		}
		if bytes.Contains(raw, []byte(secret)) {
			o.t.Fatalf("%s still has the secret", name)
		}
	}
	return true
}
