// Package ot is the operational-transformation engine: the Delta of quill-delta
// and rich-text, computed exactly as browsers compute it.
//
// # Deltas
//
// A [Delta] is a list of steps ([Op]) that reads a document from its beginning:
// insert text or an embed, retain some units (perhaps changing their
// attributes), delete some units. What follows the last step is retained. A
// document is a delta of inserts only.
//
// Every length and position counts UTF-16 code units, because that is how
// browsers count. Text is held as WTF-8, which is UTF-8 that may also hold half
// of a surrogate pair on its own: real editors cut pairs, and the halves must
// meet again unharmed. An embed is one JSON object and one unit long.
//
// # Laws
//
// These hold for all deltas a and b made against the same document d, and c
// made against d after a. Each is a property test in laws_test.go.
//
//   - Convergence: both orders of two concurrent deltas meet.
//     Compose(a, Transform(a, b, true)) and Compose(b, Transform(b, a, false))
//     take d to the same document.
//   - Compose is associative, and applying a composition is applying its parts:
//     (d·a)·c = d·Compose(a, c).
//   - Invert undoes: (d·a)·Invert(a, d) = d.
//   - Transform keeps well-formedness: if b fits d then Transform(a, b, x) fits
//     d·a; and it never cuts a surrogate pair that b did not cut.
//   - Rebase is the fold of Transform over the records, in their order, and
//     nothing else: carrying a delta over a composed history is a different
//     function, which does not agree with what browsers do.
//   - Any number of clients that transform against one central order converge.
//
// # Rules that decide whether copies stay equal
//
//   - The committed delta wins every tie, for inserts at one place and for
//     attributes key by key. A submission s over a committed c is
//     Transform(c, s, true).
//   - Nothing is tidied before a transform, and a delta that needed no transform
//     stays exactly as it was sent. Answers of Compose, Transform and Invert are
//     tidied by the push rules (see builder).
//   - The decoder refuses what JavaScript would turn into a broken document and
//     never repairs: what it accepts it keeps.
//
// # Where things are
//
//   - op.go, attributes.go, wtf8.go, delta.go: the values.
//   - compose.go, transform.go, invert.go, position.go over builder.go, which
//     holds the push rules, and append.go; keystroke.go is the short way for what
//     people do most.
//   - rebase.go, rebase_side.go: one delta over many records. A [Carry] can be
//     stopped between any two of them.
//   - document.go over document_tree.go, document_edit.go, document_leaf.go: a
//     document under edit, with snapshots.
//   - json_*.go: the wire. binary.go: one record. log.go: many records, in columns.
//   - blame.go: who wrote what, beside a document.
//
// Undo, of any change and not only the last one, is Rebase(Invert(d, base),
// later): the inverse, carried over what came since.
//
// The package is pure: no goroutines, no clock, no input or output, and the
// standard library only. Deltas, ops and attributes are values that are never
// changed once made; a [Document] is owned by one goroutine, and a snapshot of
// it may be read by any.
package ot
