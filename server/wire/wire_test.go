package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"runtime/metrics"
	"strings"
	"testing"

	"github.com/quire-editor/quire/ot"
)

func decoded(t *testing.T, message string) *Request {
	t.Helper()
	req, err := Decode([]byte(message), ot.DefaultLimits)
	if err != nil {
		t.Fatalf("%s: %v", message, err)
	}
	return req
}

func refused(t *testing.T, message string) (*Request, *Error) {
	t.Helper()
	req, err := Decode([]byte(message), ot.DefaultLimits)
	refusal, ok := errors.AsType[*Error](err)
	if !ok {
		t.Fatalf("%s was accepted", message)
	}
	return req, refusal
}

func TestNumbersAreJavaScripts(t *testing.T) {
	for _, v := range []string{"5", "5.0", "5e0", "0.5e1", "50E-1"} {
		if req := decoded(t, `{"a":"f","v":`+v+`}`); req.Version == nil || *req.Version != 5 {
			t.Errorf("v of %s is %v", v, req.Version)
		}
	}
	for _, v := range []string{"-1", "0.5", "9007199254740992", "1e300", "1e999", `"5"`, "true", "[5]", "5" + strings.Repeat("0", 40)} {
		if _, refusal := refused(t, `{"a":"f","v":`+v+`}`); refusal.Code != CodeBadMessage {
			t.Errorf("v of %s is refused by %v", v, refusal)
		}
	}
	if req := decoded(t, `{"a":"f","v":9007199254740991}`); *req.Version != MaxInteger {
		t.Errorf("the largest version is read as %d", *req.Version)
	}
}

func TestSequenceNumberBeyondWhatJavaScriptCountsHasACodeOfItsOwn(t *testing.T) {
	for _, seq := range []string{"9007199254740991", "9007199254740992", "1e100"} {
		if _, refusal := refused(t, `{"a":"op","seq":`+seq+`,"op":[]}`); refusal.Code != CodeSeqOverflow {
			t.Errorf("seq of %s is refused by %v", seq, refusal)
		}
	}
}

func TestKeysAreCaseSensitiveAndUnknownOnesPassedOver(t *testing.T) {
	req := decoded(t, ` { "A":"zz" , "\u0061" : "f","x":{"a":"no","v":[1,"}",{"\\":"]"}]},"V":7, "v" : 3 , "c":"documents"} `)
	if req.Action != Fetch || *req.Version != 3 || req.Collection != "documents" {
		t.Fatalf("read as %+v", req)
	}
}

func TestOfTwoMembersWithOneNameTheLastCounts(t *testing.T) {
	if req := decoded(t, `{"a":"op","a":"f","v":1,"v":null}`); req.Action != Fetch || req.Version != nil {
		t.Fatalf("read as %+v", req)
	}
}

func TestNullIsAbsent(t *testing.T) {
	req := decoded(t, `{"a":"op","v":null,"src":null,"seq":1,"op":null,"create":null,"del":true,"id":null}`)
	if req.Version != nil || req.Src != "" || req.Create != nil || !req.Delete || req.RequestID != nil {
		t.Fatalf("read as %+v", req)
	}
}

// A refusal must come back to whoever waits, whatever else the request carried.
func TestRefusalIsRoutedByTheActionAlone(t *testing.T) {
	for message, want := range map[string]string{
		`{"a":"op","c":"documents","d":"x","v":1,"src":"s","seq":2,"ch":"trap","id":5,"op":3}`: `{"a":"op","c":"documents","d":"x","v":1,"src":"s","seq":2,`,
		`{"a":"op","c":"documents","d":"x","v":null,"src":"s","seq":2}`:                        `{"a":"op","c":"documents","d":"x","src":"s","seq":2,`,
		`{"a":"p","ch":"c","id":5,"pv":7,"v":"x"}`:                                             `{"a":"p","ch":"c","id":"","pv":7,`,
		`{"a":"ps","ch":"c","seq":3,"id":9,"v":"x"}`:                                           `{"a":"ps","ch":"c","seq":3,`,
		`{"a":"nf","id":7,"c":"documents","d":"x","v":"x"}`:                                    `{"a":"nf","id":7,`,
		`{"a":"f","ch":"trap","c":"documents","d":"x","v":"x"}`:                                `{"a":"f","c":"documents","d":"x",`,
		`{"a":"f","id":{"huge":true},"c":"documents","d":"x"}`:                                 `{"a":"f","c":"documents","d":"x",`,
		`{"a":"f","c":"documents","d":"` + strings.Repeat("x", 300) + `","v":"x"}`:             `{"a":"f","c":"documents","d":"` + strings.Repeat("x", maxEcho) + `",`,
		`[]`: `{"a":"",`,
	} {
		req, refusal := refused(t, message)
		if got := string(ErrorReply(req, refusal)); !strings.HasPrefix(got, want+`"error":{"code":"`) {
			t.Errorf("%s\nis answered %s\nwant        %s...", message, got, want)
		}
	}
}

func TestCursorKeepsItsOwnersMembersAndMovesWithTheText(t *testing.T) {
	req := decoded(t, `{"a":"p","ch":"c","id":"i","pv":1,"p":{"name":"Ann","index":4,"colour":["#1",{"b":null}],"length":2}}`)
	insert := func(at int) ot.Delta {
		return ot.Delta{ot.RetainOp(at, ot.Attributes{}), ot.InsertText("xy", ot.Attributes{})}
	}
	for _, test := range []struct {
		edit ot.Delta
		own  bool
		want string
	}{
		{nil, false, `{"index":4,"length":2,`},
		{insert(3), false, `{"index":6,"length":2,`},
		{insert(4), false, `{"index":4,"length":4,`},
		{insert(4), true, `{"index":6,"length":2,`},
		{insert(6), false, `{"index":4,"length":2,`},
		{ot.Delta{ot.DeleteOp(5)}, false, `{"index":0,"length":1,`},
	} {
		want := test.want + `"colour":["#1",{"b":null}],"name":"Ann"}`
		if got := string(req.Cursor.Moved(test.edit, test.own).append(nil)); got != want {
			t.Errorf("over %v it is %s, want %s", test.edit, got, want)
		}
	}
}

func TestPersonWithoutACaretStaysWithoutOne(t *testing.T) {
	req := decoded(t, `{"a":"p","ch":"c","id":"i","pv":1,"p":{"name":"Ann"}}`)
	moved := req.Cursor.Moved(ot.Delta{ot.InsertText("x", ot.Attributes{})}, false)
	if got := string(moved.append(nil)); got != `{"name":"Ann"}` {
		t.Fatal(got)
	}
	if gone := decoded(t, `{"a":"p","ch":"c","id":"i","pv":2,"p":null}`); gone.Cursor != nil {
		t.Fatal("null is read as a cursor")
	}
}

func TestCursorLargerThanItsLimitIsRefused(t *testing.T) {
	for size, accepted := range map[int]bool{MaxCursorBytes: true, MaxCursorBytes + 1: false} {
		cursor := `{"name":"` + strings.Repeat("x", size-len(`{"name":""}`)) + `"}`
		_, err := Decode([]byte(`{"a":"p","ch":"c","id":"i","pv":1,"p":`+cursor+`}`), ot.DefaultLimits)
		if (err == nil) != accepted {
			t.Errorf("a cursor of %d bytes: %v", size, err)
		}
	}
}

func TestEveryMessageIsOneJSONObject(t *testing.T) {
	delta := ot.Delta{ot.InsertText("a\"\n\xed\xa0\xbd<", ot.Attributes{}), ot.RetainOp(2, ot.Attributes{}), ot.DeleteOp(1)}
	op := Op{Document: "d", Version: 3, Src: `s"`, Seq: 4, Edit: delta}
	create, del := op, op
	create.Create, create.Edit = true, delta[:1]
	del.Delete = true
	req := &Request{Action: Subscribe, Collection: Collection, Document: "d"}
	for _, message := range [][]byte{
		HandshakeReply(`i"d`), Pong(), Reply(req), ErrorReply(req, &Error{CodeBadOp, `say "why"`}),
		SnapshotReply(req, EncodeSnapshot(Snapshot{Version: 2})), InitMessage(`i"d`),
		SnapshotReply(req, EncodeSnapshot(Snapshot{Version: 2, Exists: true, Data: delta[:1]})),
		PastReply(req, Snapshot{Version: 2}), PastReply(req, Snapshot{Version: 2, Exists: true, Data: delta[:1]}),
		OpMessage(op), OpMessage(create), OpMessage(del), Ack(op),
		PresenceMessage(PresenceUpdate{Channel: "documents.d", ID: `"`, Src: "s", Document: "d"}),
		PresenceRequestMessage("documents.d"), HelloReply("d", AboutDocument{"code", "c++", `"`}, Standing{"viewer", []string{"read", `"`}}, 5),
		RoleMessage("d", Standing{}), AboutMessage("d", AboutDocument{Title: "\u2028"}), NoticeMessage("d", "\u2028"),
	} {
		var object map[string]any
		if err := json.Unmarshal(message, &object); err != nil || object["a"] == "" {
			t.Errorf("%s: %v", message, err)
		}
	}
}

// An object of a million members is read in memory of the order of the message itself.
func TestMembersNobodyReadsCostNoMemory(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"a":"pp"`)
	for i := range 300_000 {
		fmt.Fprintf(&b, `,"k%x":0`, i)
	}
	b.WriteString("}")
	message := []byte(b.String())
	before := allocated()
	if req, err := Decode(message, ot.DefaultLimits); err != nil || req.Action != Ping {
		t.Fatal(req, err)
	}
	if spent := allocated() - before; spent > uint64(2*len(message)) {
		t.Fatalf("decoding %d bytes took %d", len(message), spent)
	}
}

// allocated returns how many bytes this process has allocated so far.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
