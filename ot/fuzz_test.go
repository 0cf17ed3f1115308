package ot

import (
	"bytes"
	"errors"
	"slices"
	"testing"
)

// FuzzDecodeJSON: whatever is accepted is written and read back the same, in
// both forms.
func FuzzDecodeJSON(f *testing.F) {
	for _, seed := range []string{
		`[]`, `{"ops":[{"insert":"a"}]}`, `[{"retain":1.0},{"delete":2e0}]`,
		`[{"insert":"\ud83d\u0000é😀","attributes":{"b":null,"a":[1,{"x":-0.5e-7}]}}]`,
		`[{"insert":{"image":"a.png"},"attributes":{}}]`, `[{"retain":9007199254740993}]`, ` [ { "delete" : 1 } ] `,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := DecodeJSON(data, DefaultLimits)
		if err != nil {
			return
		}
		if err := roundTrips(d); err != nil {
			t.Fatal(err)
		}
		for i := range d {
			checkOp(t, &d[i])
		}
	})
}

// checkOp checks the invariants of an op.
func checkOp(t *testing.T, op *Op) {
	t.Helper()
	isText := op.kind == Insert
	if op.n < 1 || isText != (op.text != "" && op.kind != Embed) || isText && (unitCount(op.text) != op.n || !isCanonical(op.text)) {
		t.Fatalf("%+v", op)
	}
}

// FuzzDecodeBinary: whatever is accepted is written the same.
func FuzzDecodeBinary(f *testing.F) {
	for _, seed := range []string{
		`[]`, `[{"insert":"a"}]`, `[{"retain":300},{"insert":"\ud83dé😀","attributes":{"b":null}},{"delete":2}]`,
		`[{"insert":{"image":"a.png"},"attributes":{"a":1}},{"retain":1,"attributes":{"a":1}}]`,
	} {
		f.Add(AppendBinary(nil, mustDelta(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := DecodeBinary(data)
		if err != nil {
			return
		}
		again, err := DecodeBinary(AppendBinary(nil, d))
		if err != nil || !again.Equal(d) {
			t.Fatalf("%v, %v for %v", err, again, d)
		}
	})
}

// FuzzDecodeLog: whatever is accepted is written and read back the same.
func FuzzDecodeLog(f *testing.F) {
	f.Add(AppendLog(nil, []Delta{mustDelta(`[{"retain":3},{"insert":"a"}]`), mustDelta(`[{"retain":4},{"insert":"b"}]`)}))
	f.Add(AppendLog(nil, []Delta{nil, mustDelta(`[{"delete":1},{"insert":"x","attributes":{"a":1}}]`)}))
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := readLog(data)
		if err != nil {
			return
		}
		written := AppendLog(nil, log)
		again, err := readLog(written)
		if err != nil || !bytes.Equal(AppendLog(nil, again), written) {
			t.Fatalf("%v: %v for %v", err, again, log)
		}
	})
}

// readLog reads up to a hundred thousand deltas.
func readLog(data []byte) ([]Delta, error) {
	var log []Delta
	err := DecodeLog(data, func(d Delta) error {
		if len(log) == 100_000 {
			return errors.New("enough")
		}
		log = append(log, slices.Clone(d))
		return nil
	})
	return log, err
}

// FuzzTransform makes changes out of bytes, and checks convergence, composition,
// inversion and the carry.
func FuzzTransform(f *testing.F) {
	f.Add([]byte("abcdefghijklmnopqrstuvwxyz0123456789"))
	f.Add([]byte{0, 1, 2, 3, 250, 9, 9, 9, 77, 3, 1, 4, 1, 5, 9, 2, 6})
	f.Fuzz(func(t *testing.T, data []byte) {
		g := byBytes(data)
		lawConvergence(t, g)
		lawAssociative(t, g)
		lawApplyCompose(t, g)
		lawInvert(t, g)
		lawWellFormed(t, g)
		length := g.pick(12)
		d := g.change(length, 12)
		var over []Delta
		for range g.pick(6) {
			over = append(over, g.change(length, 4))
			length += over[len(over)-1].ChangeLen()
		}
		checkCarry(t, d, over, 2)
	})
}

// byBytes is a generator whose choices are data, and zeros after it.
func byBytes(data []byte) generator {
	return generator{rough: len(data)%2 == 0, pick: func(n int) int {
		if len(data) == 0 {
			return 0
		}
		c := int(data[0])
		data = data[1:]
		return c % n
	}}
}
