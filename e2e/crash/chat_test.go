package crash

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/quire-editor/quire/e2e/quire"
)

// TestKillLosesNoAcknowledgedMessage says things, kills the server as soon as one is acknowledged while others are under way,
// and reads everything after the restart.
func TestKillLosesNoAcknowledgedMessage(t *testing.T) {
	bin, data := quire.Build(t), filepath.Join(t.TempDir(), "data")
	server, err := quire.Start(bin, data, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := server.Address()
	document, err := server.Create("text")
	if err != nil {
		t.Fatal(err)
	}
	acknowledged := map[string]bool{}
	for round := range *rounds {
		conn := dial(t, server, document)
		for n := range 20 {
			say(t, conn, document, fmt.Sprintf("%d-%d", round, n))
		}
		for range 1 + 3*round%15 {
			acknowledged[hear(t, conn).Text] = true
		}
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		conn.Close()
		if server, err = quire.Start(bin, data, address); err != nil {
			t.Fatal(err)
		}
	}
	times := map[string]int{}
	for _, text := range everything(t, dial(t, server, document), document) {
		times[text]++
	}
	for text := range acknowledged {
		if times[text] != 1 {
			t.Errorf("%q was acknowledged and is there %d times", text, times[text])
		}
	}
	if err := server.Terminate(); err != nil {
		t.Fatal(err)
	}
}

// message is what the server says of messages.
type message struct {
	Text     string
	From     uint64
	Messages []message
}

func dial(t *testing.T, server *quire.Process, document string) *websocket.Conn {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.Dial(server.Socket(document), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func say(t *testing.T, conn *websocket.Conn, document, text string) {
	t.Helper()
	m := fmt.Sprintf(`{"a":"q:chat","c":"documents","d":%q,"id":%q,"m":{"text":%q}}`, document, text, text)
	if err := conn.WriteMessage(websocket.TextMessage, []byte(m)); err != nil {
		t.Fatal(err)
	}
}

func hear(t *testing.T, conn *websocket.Conn) (m message) {
	t.Helper()
	_ = conn.SetReadDeadline(time.Now().Add(patience))
	if err := conn.ReadJSON(&m); err != nil {
		t.Fatal(err)
	}
	return m
}

// everything reads a whole conversation.
func everything(t *testing.T, conn *websocket.Conn, document string) (texts []string) {
	t.Helper()
	request := map[string]any{"a": "q:chats", "c": "documents", "d": document}
	for {
		if body, err := json.Marshal(request); err != nil || conn.WriteMessage(websocket.TextMessage, body) != nil {
			t.Fatal("the connection is lost")
		}
		page := hear(t, conn)
		for _, m := range page.Messages {
			texts = append(texts, m.Text)
		}
		if page.From == 0 {
			return texts
		}
		request["before"] = page.From
	}
}
