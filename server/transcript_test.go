package server

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTranscriptsOfStockClientsAreAnsweredAsRecorded replays what ShareDB's own clients, of the versions in the files' names,
// have said to a running Quire. e2e/conformance/record.js writes the files and describes them.
func TestTranscriptsOfStockClientsAreAnsweredAsRecorded(t *testing.T) {
	files, err := filepath.Glob("testdata/transcripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("there are no transcripts", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), `"a":"init"`) {
				onlyWebSocket(t) // the client waits to be greeted
			}
			r := replaying{ts: serveNew(t), t: t, peers: map[string]*replayed{}, names: map[string]string{}}
			for line := range strings.Lines(string(text)) {
				r.line(strings.TrimSpace(line))
			}
		})
	}
}

// replaying is one transcript as it is replayed.
type replaying struct {
	ts    *testServer
	t     *testing.T
	peers map[string]*replayed
	// names are what stands for ids in the transcript, and the ids of this replay.
	names map[string]string
}

// replayed is one connection. Messages of different documents may come in another order than recorded: they wait in early.
type replayed struct {
	*peer
	early []map[string]any
}

func (r *replaying) line(line string) {
	r.t.Helper()
	number, rest, _ := strings.Cut(line, " ")
	what, message, _ := strings.Cut(rest, " ")
	switch what {
	case "connects":
		document := strings.TrimPrefix(strings.TrimPrefix(message, "to /ws"), "/")
		r.peers[number] = &replayed{peer: r.ts.dial(document)}
	case "ends":
		r.peers[number].conn.Close()
	case ">":
		r.peers[number].send(r.named(message))
	case "<":
		r.expect(number, message)
	default:
		r.t.Fatalf("the transcript has the line %q", line)
	}
}

func (r *replaying) expect(number, message string) {
	r.t.Helper()
	var want map[string]any
	if err := json.Unmarshal([]byte(message), &want); err != nil {
		r.t.Fatalf("%s: %v", message, err)
	}
	p := r.peers[number]
	got := p.next(want["d"])
	if id, _ := got["id"].(string); got["a"] == "hs" || got["a"] == "init" {
		r.names[want["id"].(string)] = id
		r.names[strings.Replace(want["id"].(string), "id", "src", 1)] = sourceOf(id)
	}
	if found, _ := json.Marshal(got); !sameJSON(r.t, found, []byte(r.named(message))) {
		r.t.Fatalf("got  %s\nwant %s", found, r.named(message))
	}
}

// named puts this replay's ids in place of what stands for them.
func (r *replaying) named(message string) string {
	for name, id := range r.names {
		message = strings.ReplaceAll(message, name, id)
	}
	return message
}

// next returns the next message of a document, or of none.
func (p *replayed) next(document any) map[string]any {
	p.t.Helper()
	for i, m := range p.early {
		if m["d"] == document {
			p.early = append(p.early[:i], p.early[i+1:]...)
			return m
		}
	}
	for {
		m := p.receive()
		if m["d"] == document {
			return m
		}
		p.early = append(p.early, m)
	}
}

func TestProtocolDescriptionQuotesATranscript(t *testing.T) {
	transcript, err := os.ReadFile("testdata/transcripts/sharedb-7-comes-back.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, quoted, _ := strings.Cut(protocolDescription(t), "```\n3 connects")
	quoted, _, found := strings.Cut("3 connects"+quoted, "```")
	if !found {
		t.Fatal("there is no conversation in it")
	}
	for line := range strings.Lines(quoted) {
		if !strings.Contains(string(transcript), line) {
			t.Errorf("it quotes a line that is not there: %s", line)
		}
	}
}

func protocolDescription(t *testing.T) string {
	t.Helper()
	description, err := os.ReadFile("PROTOCOL.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(description)
}
