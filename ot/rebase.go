package ot

// Rebase carries d over committed deltas, in their order. The committed delta
// wins every tie. It is exactly
//
//	for _, c := range over { d = Transform(c, d, true) }
//
// With nothing to carry over, the answer is d itself, untidied.
func Rebase(d Delta, over []Delta) Delta {
	for _, c := range over {
		d = Transform(c, d, true)
	}
	return d
}
