package wire

import (
	"strconv"
	"strings"

	"github.com/quire-editor/quire/ot"
)

// Each function here returns one complete message.

// HandshakeReply announces the protocol and the id under which this connection is known to itself.
func HandshakeReply(id string) []byte {
	b := []byte(`{"a":"hs","protocol":1,"protocolMinor":2,"id":`)
	b = ot.AppendQuoted(b, id)
	return append(b, `,"type":"`+DefaultType+`"}`...)
}

// InitMessage greets a client of version 1.0 of the protocol, which waits for it instead of shaking hands.
func InitMessage(id string) []byte {
	b := ot.AppendQuoted([]byte(`{"a":"init","protocol":1,"protocolMinor":2,"id":`), id)
	return append(b, `,"type":"`+DefaultType+`"}`...)
}

// Pong answers a client's ping.
func Pong() []byte { return []byte(`{"a":"pp"}`) }

// Reply repeats the routing fields of a request and says nothing else: done.
func Reply(req *Request) []byte { return append(appendRoute(nil, req), '}') }

// ErrorReply refuses a request. Every refusal carries a code.
func ErrorReply(req *Request, e *Error) []byte {
	return append(appendError(append(appendRoute(nil, req), ','), e), '}')
}

func appendError(b []byte, e *Error) []byte {
	b = ot.AppendQuoted(append(b, `"error":{"code":`...), string(e.Code))
	b = ot.AppendQuoted(append(b, `,"message":`...), e.Message)
	return append(b, '}')
}

// maxEcho bounds how much of a name that the client chose comes back to it.
const maxEcho = 256

// appendRoute begins a reply. It repeats only what the client needs to find whoever waits: what that is depends on the
// action alone, whatever else the request carried.
func appendRoute(b []byte, req *Request) []byte {
	b = appendText(append(b, `{"a":`...), string(req.Action))
	switch req.Action {
	case Presence:
		b = appendText(append(b, `,"ch":`...), req.Channel)
		b = appendText(append(b, `,"id":`...), req.ID)
		return appendInt(append(b, `,"pv":`...), req.PresenceVersion)
	case PresenceSubscribe, PresenceUnsubscribe, PresenceRequest:
		b = appendText(append(b, `,"ch":`...), req.Channel)
		return appendInt(append(b, `,"seq":`...), req.Seq)
	case Submit:
		b = appendDocument(b, req)
		if req.Version != nil {
			b = appendInt(append(b, `,"v":`...), *req.Version)
		}
		b = appendText(append(b, `,"src":`...), req.Src)
		return appendInt(append(b, `,"seq":`...), req.Seq)
	case Chat:
		return appendText(append(appendDocument(b, req), `,"id":`...), req.ID)
	case BulkFetch, BulkSubscribe, BulkUnsubscribe:
		return appendAsked(appendText(append(b, `,"c":`...), req.Collection), req)
	}
	if req.RequestID != nil {
		return append(append(b, `,"id":`...), req.RequestID...)
	}
	if req.Collection != "" || req.Document != "" {
		return appendDocument(b, req)
	}
	return b
}

func appendDocument(b []byte, req *Request) []byte {
	b = appendText(append(b, `,"c":`...), req.Collection)
	return appendText(append(b, `,"d":`...), req.Document)
}

// Snapshot is a document as a fetch or subscribe shows it.
type Snapshot struct {
	Version uint64
	// Exists is false for a document that was never created or has been deleted.
	Exists bool
	Data   ot.Delta
}

// EncodeSnapshot gives a document as the data of a reply. A missing document says so by an explicit null type: without it a
// client would make a document of the default type out of nothing.
func EncodeSnapshot(s Snapshot) []byte {
	b := appendInt([]byte(`{"v":`), s.Version)
	if !s.Exists {
		return append(b, `,"type":null}`...)
	}
	b = append(b, `,"type":"`+RichText+`","data":{"ops":`...)
	b = ot.AppendJSON(b, s.Data)
	return append(b, "}}"...)
}

// SnapshotReply answers a fetch or subscribe that knew nothing, with what EncodeSnapshot gave.
func SnapshotReply(req *Request, snapshot []byte) []byte {
	b := append(appendRoute(nil, req), `,"data":`...)
	return append(append(b, snapshot...), '}')
}

// PastReply answers the fetch of a version of the past.
func PastReply(req *Request, s Snapshot) []byte {
	b := append(appendRoute(nil, req), ',')
	snapshot := EncodeSnapshot(s)
	b = append(b, snapshot[1:len(snapshot)-1]...)
	return append(b, `,"m":null}`...)
}

// Op is a record as it travels: an edit, a create or a delete, at the version it applies to.
type Op struct {
	Document string
	Version  uint64
	Src      string
	Seq      uint64
	Edit     ot.Delta
	Create   bool // Edit is then the new document's content
	Delete   bool
}

// usualOp is as many bytes as the message of a keystroke takes at most.
const usualOp = 192

// OpMessage tells a client of a record.
func OpMessage(op Op) []byte {
	b := appendOpHead(make([]byte, 0, usualOp), op)
	switch {
	case op.Delete:
		b = append(b, `,"del":true`...)
	case op.Create:
		b = append(b, `,"create":{"type":"`+RichText+`","data":{"ops":`...)
		b = append(ot.AppendJSON(b, op.Edit), "}}"...)
	default:
		b = append(b, `,"op":`...)
		b = ot.AppendJSON(b, op.Edit)
	}
	return append(b, '}')
}

// Bundle is several messages about records in one, for clients that asked for that.
func Bundle(records [][]byte) []byte {
	b := []byte(`{"a":"q:ops","ops":[`)
	for i, record := range records {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, record...)
	}
	return append(b, "]}"...)
}

// Ack tells an author that its submission is stored, and at which version.
func Ack(op Op) []byte { return append(appendOpHead(make([]byte, 0, usualOp), op), '}') }

func appendOpHead(b []byte, op Op) []byte {
	b = append(b, `{"a":"op","c":"`+Collection+`","d":`...)
	b = ot.AppendQuoted(b, op.Document)
	b = appendInt(append(b, `,"v":`...), op.Version)
	b = ot.AppendQuoted(append(b, `,"src":`...), op.Src)
	return appendInt(append(b, `,"seq":`...), op.Seq)
}

// PresenceUpdate is one person's cursor as others are told of it.
type PresenceUpdate struct {
	Channel, ID string
	Src         string
	Cursor      *Cursor
	Version     uint64 // of the document that the cursor stands in
	Document    string
	Sequence    uint64 // grows with every update of one presence
}

// PresenceMessage tells of a cursor: to its owner as the acknowledgement, to others as news.
func PresenceMessage(p PresenceUpdate) []byte {
	b := ot.AppendQuoted([]byte(`{"a":"p","ch":`), p.Channel)
	b = ot.AppendQuoted(append(b, `,"id":`...), p.ID)
	b = ot.AppendQuoted(append(b, `,"src":`...), p.Src)
	b = p.Cursor.append(append(b, `,"p":`...))
	b = appendInt(append(b, `,"pv":`...), p.Sequence)
	b = append(b, `,"c":"`+Collection+`","d":`...)
	b = ot.AppendQuoted(b, p.Document)
	b = appendInt(append(b, `,"v":`...), p.Version)
	return append(b, `,"t":"`+RichText+`"}`...)
}

// PresenceRequestMessage asks a client to announce itself.
func PresenceRequestMessage(channel string) []byte {
	return append(ot.AppendQuoted([]byte(`{"a":"pr","ch":`), channel), '}')
}

// AboutDocument is what our own clients learn of a document beside its text.
type AboutDocument struct {
	// Kind is what it is edited as, Language what code is written in ("" where nobody has said so).
	Kind, Language, Title string
}

func (a AboutDocument) append(b []byte) []byte {
	b = ot.AppendQuoted(append(b, `,"kind":`...), a.Kind)
	b = ot.AppendQuoted(append(b, `,"language":`...), a.Language)
	return ot.AppendQuoted(append(b, `,"title":`...), a.Title)
}

// Standing is what our own clients learn of their user's rights: the role, and the names of what it allows.
type Standing struct {
	Role string
	May  []string
}

func (s Standing) append(b []byte) []byte {
	b = append(ot.AppendQuoted(append(b, `,"role":`...), s.Role), `,"may":[`...)
	for i, name := range s.May {
		if i > 0 {
			b = append(b, ',')
		}
		b = ot.AppendQuoted(b, name)
	}
	return append(b, ']')
}

// HelloReply tells one of our own clients what ShareDB has no words for. maxMessage is in bytes.
func HelloReply(document string, about AboutDocument, standing Standing, maxMessage int64) []byte {
	b := standing.append(about.append(appendExtension(nil, Hello, document)))
	b = appendInt(append(b, `,"maxMessageBytes":`...), uint64(maxMessage))
	return append(b, '}')
}

// AboutMessage tells that the document has a new title, kind or language.
func AboutMessage(document string, about AboutDocument) []byte {
	return append(about.append(appendExtension(nil, About, document)), '}')
}

// RoleMessage tells a client that its user's rights have changed.
func RoleMessage(document string, standing Standing) []byte {
	return append(standing.append(appendExtension(nil, RoleChanged, document)), '}')
}

// NoticeMessage tells what whoever runs the server has to say; "" if that is over.
func NoticeMessage(document, text string) []byte {
	b := ot.AppendQuoted(append(appendExtension(nil, Notice, document), `,"text":`...), text)
	return append(b, '}')
}

func appendExtension(b []byte, a Action, document string) []byte {
	b = append(b, `{"a":"`+string(a)+`","c":"`+Collection+`","d":`...)
	return ot.AppendQuoted(b, document)
}

func appendInt(b []byte, n uint64) []byte { return strconv.AppendUint(b, n, 10) }

func appendText(b []byte, s string) []byte {
	if len(s) > maxEcho {
		s = strings.ToValidUTF8(s[:maxEcho], "")
	}
	return ot.AppendQuoted(b, s)
}
