// Package server is the live part of Quire: rooms in which people edit documents, the sessions that reach them over
// WebSocket, and the HTTP API and pages around them.
//
// A Room is the live home of one open document. It orders submissions, rebases them, applies them to the head and hands
// them to the log; it tells nobody of a record before the log says that it is durable. Its state belongs to one
// goroutine (see runner), and it does no I/O of its own: it handles an event by calling small interfaces (Log, Member),
// so that a simulation can drive the same code on virtual time.
//
// ARCHITECTURE.md follows one keystroke through this package; PROTOCOL.md, beside this file, describes what goes over
// the wire.
package server
