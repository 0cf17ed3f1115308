package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quire-editor/quire/e2e/quire"
)

// TestReplayOfRealTypingEndsEqualEverywhere replays the committed samples, and the whole recordings where their folder is
// present. Every author's copy, the server's text and its text after a restart must be equal, and equal to the recorded end.
func TestReplayOfRealTypingEndsEqualEverywhere(t *testing.T) {
	samples, err := filepath.Glob("testdata/*.jsonl.gz")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples in testdata (%v)", err)
	}
	replayAll(t, append(samples, whole(t)...))
}

// whole returns the recordings in the folder named by OT_TRACES, else in ../shared/traces beside the project.
func whole(t *testing.T) []string {
	t.Helper()
	folder := os.Getenv("OT_TRACES")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared", "traces")
	}
	var paths []string
	for _, form := range []string{"*.queued.jsonl.gz", "*.seq.jsonl.gz"} {
		found, err := filepath.Glob(filepath.Join(folder, form))
		if err != nil {
			t.Fatal(err)
		}
		paths = append(paths, found...)
	}
	if len(paths) == 0 {
		t.Logf("the whole recordings are not in %s (set OT_TRACES): replaying the samples only", folder)
	}
	return paths
}

// replayAll types every recording into one server at the same time, each into its own document.
func replayAll(t *testing.T, paths []string) {
	bin, data := quire.Build(t), filepath.Join(t.TempDir(), "data")
	server, err := quire.Start(bin, data, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	documents, texts := make([]string, len(paths)), make([]string, len(paths))
	t.Run("live", func(t *testing.T) {
		for i, path := range paths {
			t.Run(name(path), func(t *testing.T) {
				t.Parallel()
				documents[i], texts[i] = replayOne(t, server, path)
			})
		}
	})
	if err := server.Terminate(); err != nil {
		t.Fatal(err)
	}
	if server, err = quire.Start(bin, data, "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer server.Kill()
	for i, path := range paths {
		t.Run("restarted/"+name(path), func(t *testing.T) {
			text, err := server.Text(documents[i])
			if err != nil {
				t.Fatal(err)
			}
			if text != texts[i] {
				t.Fatalf("after a restart the text has %d bytes, before it had %d, or others", len(text), len(texts[i]))
			}
		})
	}
}

func name(path string) string {
	return filepath.Base(filepath.Dir(path)) + "/" + strings.TrimSuffix(filepath.Base(path), ".jsonl.gz")
}

// replayOne types one recording and returns its document and the text that all copies of it have.
func replayOne(t *testing.T, server *quire.Process, path string) (document, text string) {
	rec, err := load(path)
	if err != nil {
		t.Fatal(err)
	}
	if document, err = server.Create("text"); err != nil {
		t.Fatal(err)
	}
	typists := make([]*typist, max(rec.header.Agents, 1))
	for i := range typists {
		if typists[i], err = sit(server.Socket(document), document); err != nil {
			t.Fatal(err)
		}
		defer typists[i].leave()
	}
	var end uint64
	if rec.sequential != nil {
		err = typeSequential(rec, typists[0])
		end = typists[0].client.Version()
	} else {
		err = typeConcurrent(rec, typists)
		end = uint64(len(rec.concurrent)) + first
	}
	if err != nil {
		t.Fatal(err)
	}
	if text, err = server.Text(document); err != nil {
		t.Fatal(err)
	}
	for i, ty := range typists {
		if err := ty.catchUp(end); err != nil {
			t.Fatal(err)
		}
		if ty.client.Text().Text() != text {
			t.Fatalf("the copy of typist %d differs from the server's text", i)
		}
	}
	sum := sha256.Sum256([]byte(text))
	if got := hex.EncodeToString(sum[:]); got != rec.header.FinalSHA256 {
		t.Fatalf("the text ends as %s (%d bytes), the recording as %s", got, len(text), rec.header.FinalSHA256)
	}
	return document, text
}

// first is the version of a new document: its creation is a record too.
const first = 1

// typeConcurrent lets each author make each edit at the revision the recording names, in the recorded order of commits.
func typeConcurrent(rec *recording, typists []*typist) error {
	for k, s := range rec.concurrent {
		ty := typists[s.agent]
		if err := ty.catchUp(s.revision + first); err != nil {
			return fmt.Errorf("edit %d: %w", k, err)
		}
		if _, err := ty.client.Edit(s.delta); err != nil {
			return fmt.Errorf("edit %d: %w", k, err)
		}
		if err := ty.await(uint64(k) + first + 1); err != nil {
			return fmt.Errorf("edit %d: %w", k, err)
		}
	}
	return nil
}

// typeSequential makes every edit as soon as the one before has been made: what is typed while an edit is on its way is
// folded into the next, as in a browser.
func typeSequential(rec *recording, ty *typist) error {
	for k, delta := range rec.sequential {
		if _, err := ty.client.Edit(delta); err != nil {
			return fmt.Errorf("edit %d: %w", k, err)
		}
		if err := ty.hearWhatIsThere(); err != nil {
			return fmt.Errorf("edit %d: %w", k, err)
		}
	}
	return ty.hearUntil(ty.client.Settled)
}
