package server

import "github.com/olahol/melody"

// Codes with which the server ends a connection. What a client does on each is in closings.
const (
	CloseMalformed    = melody.CloseProtocolError
	CloseBinary       = melody.CloseUnsupportedData
	CloseInvalidText  = melody.CloseInvalidFramePayloadData
	CloseTooLarge     = melody.CloseMessageTooBig
	CloseRestart      = melody.CloseServiceRestart
	CloseTryAgain     = melody.CloseTryAgainLater
	CloseUnauthorized = 4401
	CloseDenied       = 4403
	CloseNoSpace      = 4507
)

// advice is what a client does when its connection has ended.
type advice string

const (
	mend     advice = "do not send it again"
	comeBack advice = "come back with back-off; nothing is lost"
	renew    advice = "get a new token, and come back with that"
	stayAway advice = "do not come back by yourself: ask for access, or try again when somebody asks to"
	waitLong advice = "come back after a while and say so; nothing is lost"
)

// closing is a reason for which the server ends a connection.
type closing struct {
	code   int
	why    string
	advice advice
}

// closings are all codes that the server ends connections with. server/PROTOCOL.md has the same table.
var closings = []closing{
	{CloseMalformed, "a frame or a compressed message is malformed", mend},
	{CloseBinary, "a binary message", mend},
	{CloseInvalidText, "the message is not UTF-8", mend},
	{CloseTooLarge, "the message is more than twice the limit", mend},
	{CloseRestart, "the server is restarting", comeBack},
	{CloseTryAgain, "the document has to be opened again, or too many requests at once", comeBack},
	{CloseUnauthorized, "the token is not valid, or no longer", renew},
	{CloseDenied, "whoever is connected may not, or no longer, open the document", stayAway},
	{CloseNoSpace, "the server's disk is full, or cannot be written", waitLong},
}
