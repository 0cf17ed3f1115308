package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/quire-editor/quire/ot"
)

// messages are one of each kind, and some that are nearly right.
var messages = []string{
	`{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`,
	`{"a":"hs","id":"secret","protocol":1.0}`,
	`{"a":"f","c":"documents","d":"plan","v":null}`,
	`{"a":"s","c":"documents","d":"plan","v":4}`,
	`{"a":"u","c":"documents","d":"plan"}`,
	`{"a":"op","c":"documents","d":"plan","v":4,"src":"secret","seq":3,"x":{},"op":[{"retain":2,"attributes":{"bold":true}},{"insert":"\ud83d"},{"delete":1}]}`,
	`{"a":"op","c":"documents","d":"plan","v":4,"seq":3,"op":{"ops":[{"insert":{"image":"x"}}]}}`,
	`{"a":"op","c":"documents","d":"plan","v":null,"seq":1,"create":{"type":"rich-text","kind":"code","data":[{"insert":"x\n"}]}}`,
	`{"a":"op","c":"documents","d":"plan","v":2,"seq":9007199254740991,"del":true}`,
	`{"a":"op","c":"documents","d":"plan","v":2,"seq":1,"op":[{"retain":0},{"insert":""}]}`,
	`{"a":"op","c":"documents","d":"__proto__","v":1,"src":"s","seq":1,"x":{},"op":[{"insert":"x"}]}`,
	`{"a":"op","c":"constructor","d":"plan","v":1,"src":"s","seq":1,"x":{},"op":[{"insert":"x"}]}`,
	`{"a":"pp"}`,
	`{"a":"ps","ch":"documents.plan","seq":1}`,
	`{"a":"pr","ch":"documents.plan"}`,
	`{"a":"p","ch":"documents.plan","id":"one","p":{"index":3,"length":0,"name":"Ann"},"pv":1,"c":"documents","d":"plan","v":1,"t":"x"}`,
	`{"a":"p","ch":"documents.plan","id":"one","p":null,"pv":2}`,
	`{"a":"nf","id":7,"c":"documents","d":"plan","v":5}`,
	`{"a":"qs","id":1e1,"c":"documents","q":{"$limit":1}}`,
	`{"a":"nt","id":8,"c":"documents","d":"plan","ts":1700000000000}`,
	`{"a":"bs","c":"documents","b":{"d1":5,"d2":null,"d1":6}}`,
	`{"a":"bf","c":"documents","b":["d1","d2","d1"]}`,
	`{"a":"bu","c":"documents","b":[1]}`,
	`{"a":"q:hello","c":"documents","d":"plan"}`,
	`{"a":"q:chat","c":"documents","d":"plan","v":3,"id":"one","m":{"text":"**hello** @Ben","name":"Ann","color":"#123456","to":"","mentions":["ben"]}}`,
	`{"a":"q:chats","c":"documents","d":"plan","before":7}`,
	`{"a":"q:typing","c":"documents","d":"plan","m":{"name":"Ann","to":"ben"}}`,
	`{"\u0061":"f","A":"s","v":[[[]]],"id":{}}`,
	`[1]`, `null`, `{`, `{"a":5}`, ``,
}

const (
	// maxRefusal bounds a refusal: five names that came from the client, and a sentence. Of a bulk request it also repeats the
	// documents.
	maxRefusal = 5*6*maxEcho + 2000
	// maxGrowth bounds what decoding allocates, as a multiple of the message.
	maxGrowth = 64
)

// FuzzDecode: whatever comes, there is no panic and no allocation out of proportion, and a refusal is a small JSON object
// that says what it refuses.
func FuzzDecode(f *testing.F) {
	for _, m := range messages {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if !utf8.Valid(data) {
			return // refused before it is decoded
		}
		before := allocated()
		req, err := Decode(data, ot.DefaultLimits)
		if general, refused := decode(data, ot.DefaultLimits); !reflect.DeepEqual(req, general) || (err == nil) != (refused == nil) {
			t.Fatalf("it is read as %+v (%v), and the general way as %+v (%v)", req, err, general, refused)
		}
		if spent := allocated() - before; spent > uint64(maxGrowth*len(data)+1<<20) {
			t.Fatalf("decoding %d bytes allocated %d", len(data), spent)
		}
		reply := Reply(req)
		if err != nil {
			refusal, ok := errors.AsType[*Error](err)
			if !ok || refusal.Code == "" || refusal.Message == "" {
				t.Fatalf("refused by %v", err)
			}
			reply = ErrorReply(req, refusal)
		}
		checkReply(t, data, reply)
		if err == nil && len(req.Documents) > 0 {
			for _, reply := range BulkReplies(req, partsOf(req)) {
				checkReply(t, data, reply)
			}
		}
	})
}

// partsOf answers a bulk request: every second document is refused.
func partsOf(req *Request) []Part {
	var parts []Part
	for i, known := range req.Documents {
		part := Part{Known: known, Snapshot: []byte(`{"v":0,"type":null}`)}
		if i%2 == 1 {
			part = Part{Known: known, Refusal: &Error{CodeMissing, "gone"}}
		}
		parts = append(parts, part)
	}
	return parts
}

func checkReply(t *testing.T, data, reply []byte) {
	t.Helper()
	if len(reply) > maxRefusal+len(data)*8 {
		t.Fatalf("answered by %d bytes: %.300s", len(reply), reply)
	}
	var answer, question map[string]any
	if err := json.Unmarshal(reply, &answer); err != nil {
		t.Fatalf("answered by %s: %v", reply, err)
	}
	if json.Unmarshal(data, &question) != nil || question == nil {
		return
	}
	action, _ := question["a"].(string)
	if len(action) <= maxEcho && answer["a"] != action {
		t.Fatalf("%q is answered by %s", action, reply)
	}
}

// FuzzEncodeStable: what was read once is written in one form, which is read again as the same.
func FuzzEncodeStable(f *testing.F) {
	for _, m := range messages {
		f.Add([]byte(m))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		req, err := Decode(data, ot.DefaultLimits)
		if err != nil || !utf8.Valid(data) {
			return
		}
		first := written(req)
		if first == nil {
			return
		}
		again, err := Decode(first, ot.Limits{})
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second := written(again); !bytes.Equal(first, second) {
			t.Fatalf("%s\nis read and written as\n%s", first, second)
		}
	})
}

// written gives a submission or a presence as others get it; nil for what others never get.
func written(req *Request) []byte {
	switch {
	case req.Action == Presence:
		return PresenceMessage(PresenceUpdate{
			Channel: req.Channel, ID: req.ID, Src: req.Src, Cursor: req.Cursor, Document: "plan", Sequence: req.PresenceVersion,
		})
	case req.Action == Submit && req.Create != nil:
		return OpMessage(Op{Document: "plan", Src: req.Src, Seq: req.Seq, Create: true, Edit: req.Create.Data})
	case req.Action == Submit:
		return OpMessage(Op{Document: "plan", Src: req.Src, Seq: req.Seq, Delete: req.Delete, Edit: req.Edit})
	}
	return nil
}
