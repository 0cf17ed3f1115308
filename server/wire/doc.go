// Package wire is ShareDB's WebSocket protocol as typed values: it decodes and checks what clients send and encodes
// what the server says. It holds no state and knows nothing of rooms or storage.
//
// server/PROTOCOL.md describes every message, limit and code. The rules that shape this package:
//
//   - one JSON object per text message, action in "a"; unknown fields are ignored, keys are case-sensitive;
//   - a reply repeats the routing fields of its request and nothing else of it, so that a refused large edit does not
//     come back as a large error;
//   - numbers are JavaScript's: 1, 1.0 and 1e0 are the same version;
//   - op text may hold halves of surrogate pairs, so deltas are read and written by package ot and never pass through
//     encoding/json's string decoding.
package wire
