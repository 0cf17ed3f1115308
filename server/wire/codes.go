package wire

// Code is the stable name of a refusal, as ShareDB's clients know it.
type Code string

const (
	// CodeBadMessage refuses a message that is not well formed or asks for an unknown action.
	CodeBadMessage Code = "ERR_MESSAGE_BADLY_FORMED"
	// CodeBadOp refuses an op, or the content of a create, that is not a well-formed delta.
	CodeBadOp Code = "ERR_OT_OP_BADLY_FORMED"
	// CodeOpNotApplied refuses a well-formed op that does not fit the document, or would break one of its limits.
	CodeOpNotApplied Code = "ERR_OT_OP_NOT_APPLIED"
	// CodeVersionAhead refuses a version the document has not reached.
	CodeVersionAhead Code = "ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT"
	// CodeMissing refuses an edit of a document that does not exist.
	CodeMissing Code = "ERR_DOC_DOES_NOT_EXIST"
	// CodeExists refuses to create a document that exists, or did when the submission was made.
	CodeExists Code = "ERR_DOC_ALREADY_CREATED"
	// CodeDeleted refuses an edit made before the document was deleted.
	CodeDeleted Code = "ERR_DOC_WAS_DELETED"
	// CodeUnknownType refuses a create with a type other than rich-text.
	CodeUnknownType Code = "ERR_DOC_TYPE_NOT_RECOGNIZED"
	// CodeAlreadySubmitted answers a repeated submission whose author has already passed its first copy.
	CodeAlreadySubmitted Code = "ERR_OP_ALREADY_SUBMITTED"
	// CodeSeqOverflow refuses a sequence number that JavaScript cannot count beyond.
	CodeSeqOverflow Code = "ERR_CONNECTION_SEQ_INTEGER_OVERFLOW"
	// CodeDropped refuses a version so old that the records since are not all kept.
	CodeDropped Code = "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND"
	// CodeNotImplemented refuses what a document server does not offer, such as queries.
	CodeNotImplemented Code = "ERR_DATABASE_METHOD_NOT_IMPLEMENTED"
	// CodeLimit refuses what would exceed a limit on the number of things that one connection may have.
	CodeLimit Code = "ERR_LIMIT_EXCEEDED"
	// CodeUnknown answers a request that failed on the server's side, such as for a document that cannot be read.
	CodeUnknown Code = "ERR_UNKNOWN_ERROR"
	// CodeReadRejected refuses a document to whoever may not read it.
	CodeReadRejected Code = "ERR_SNAPSHOT_READS_REJECTED"
	// CodeOpRejected refuses a change of whoever may not make it: clients take it back, and it alone.
	CodeOpRejected Code = "ERR_OP_SUBMIT_REJECTED"
	// CodeForbidden refuses anything else that somebody may not do.
	CodeForbidden Code = "ERR_FORBIDDEN"
	// CodePresenceLost refuses a cursor that stands too far behind the document to be moved.
	CodePresenceLost Code = "ERR_PRESENCE_TRANSFORM_FAILED"
)

// Error is a refusal as the client gets it: a stable code, and a sentence for people.
type Error struct {
	Code    Code
	Message string
}

func (e *Error) Error() string { return string(e.Code) + ": " + e.Message }

const (
	// Protocol and ProtocolMinor are the version of ShareDB's protocol spoken here.
	Protocol      = 1
	ProtocolMinor = 2
	// DefaultType must be announced in the handshake: clients compare it with their own and connect only if it is equal.
	DefaultType = "http://sharejs.org/types/JSONv0"
	// RichText is the URI of the only document type, Quill's Delta.
	RichText = "http://sharejs.org/types/rich-text/v1"
	// RichTextName is the short name that a create may use for it.
	RichTextName = "rich-text"
	// Collection is the only collection.
	Collection = "documents"
	// MaxInteger is the largest version or sequence number: the last integer of JavaScript without a gap beside it.
	MaxInteger = 1<<53 - 1
)
