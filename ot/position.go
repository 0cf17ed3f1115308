package ot

// TransformPosition returns where a caret at index goes when d is applied. With
// aFirst false an insert exactly at the caret moves it, as one's own typing
// does; with aFirst true the caret stays in front of it, as it does for somebody
// else's insert.
//
// It is quill-delta's transformPosition, unit for unit, and the answer is not
// always where an insert at the same place would land.
func TransformPosition(d Delta, index int, aFirst bool) int {
	offset := 0
	for i := range d {
		if offset > index {
			break
		}
		op := &d[i]
		switch op.kind {
		case Delete:
			index -= min(op.n, index-offset)
			continue
		case Insert, Embed:
			if offset < index || !aFirst {
				index += op.n
			}
		}
		offset += op.n
	}
	return index
}
