package ot

import (
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestLimitsAreNamed gives the decoder what it must refuse by limit.
func TestLimitsAreNamed(t *testing.T) {
	million := "[" + strings.Repeat(`{"insert":"a"},`, 1_000_000) + `{"delete":1}]`
	for name, c := range map[string]struct{ json, limit string }{
		"a million ops":         {million, "Ops"},
		"100 MB of text":        {`[{"insert":"` + strings.Repeat("x", 100<<20) + `"}]`, "Bytes"},
		"retain of 2^31":        {`[{"retain":2147483648}]`, "Length"},
		"delete of 2^53":        {`[{"delete":9007199254740992}]`, "Length"},
		"retain of 1e300":       {`[{"retain":1e300}]`, "Length"},
		"many attributes":       {`[{"retain":1,"attributes":{` + manyKeys(100) + `}}]`, "Attributes"},
		"nested lists":          {`[{"retain":1,"attributes":{"a":` + strings.Repeat("[", 100_000), "Depth"},
		"nested objects":        {`[{"insert":` + strings.Repeat(`{"a":`, 100_000), "Depth"},
		"nested, well closed":   {`[{"insert":{"a":` + strings.Repeat("[", 40) + strings.Repeat("]", 40) + `}}]`, "Depth"},
		"a length out of range": {`[{"retain":4503599627370496}]`, "Length"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := DecodeJSON([]byte(c.json), DefaultLimits)
			var limit *LimitError
			if !errors.As(err, &limit) || limit.Limit != c.limit || !strings.Contains(err.Error(), c.limit) {
				t.Errorf("got %v, want an error that names %s", err, c.limit)
			}
		})
	}
}

func manyKeys(n int) string {
	keys := make([]string, n)
	for i := range keys {
		keys[i] = fmt.Sprintf(`"k%d":1`, i)
	}
	return strings.Join(keys, ",")
}

// TestNothingIsAllocatedOnAnnouncement gives the binary decoders counts and sizes
// far beyond what follows.
func TestNothingIsAllocatedOnAnnouncement(t *testing.T) {
	huge := []byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F}
	for _, version := range []byte{binaryVersion, logVersion} {
		data := append([]byte{version}, huge...)
		data = append(data, bytes.Repeat([]byte{0x0C}, 100)...)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, errDelta := DecodeBinary(data)
		_, errLog := readLog(data)
		runtime.ReadMemStats(&after)
		if !errors.Is(errDelta, ErrMalformed) || !errors.Is(errLog, ErrMalformed) {
			t.Errorf("%v, %v", errDelta, errLog)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 1<<20 {
			t.Errorf("%d bytes allocated", grown)
		}
	}
}

// TestManySmallInsertsAreLinear joins many inserts into one, with halves
// that meet at every seam.
func TestManySmallInsertsAreLinear(t *testing.T) {
	t.Parallel()
	const n = 400_000
	d := make(Delta, n)
	for i := range d {
		d[i] = InsertText([]string{"\xed\xa0\xbd", "\xed\xb8\x80"}[i%2], Attributes{})
	}
	got := Transform(nil, d, true)
	if len(got) != 1 || got[0].Len() != n || got[0].Text() != strings.Repeat("😀", n/2) {
		t.Errorf("%d ops", len(got))
	}
}

func TestMalformedJSONIsRefusedWithItsPlace(t *testing.T) {
	for json, offset := range map[string]int{
		``: 0, `[`: 1, `[{]`: 2, `[{"insert":"a"},]`: 16, `[] x`: 3, `{"ops":[],"x":1}`: 9,
		"[{\"insert\":\"\xff\"}]": 13, "[{\"insert\":\"\xed\xa0\xbd\"}]": 15, "[{\"insert\":\"a\nb\"}]": 13,
		`[{"retain":01}]`: 13, `[{"retain":1.}]`: 13, `[{"retain":.5}]`: 11, `[{"retain":+1}]`: 11,
		`[{"insert":"\x"}]`: 14, `[{"insert":"\u12"}]`: 16, `[{"retain":1,"retain":2}]`: 22,
		`[{"insert":"a","attributes":{"a":1,"a":2}}]`: 41, `[{"insert":"a","attributes":nul}]`: 28,
	} {
		_, err := DecodeJSON([]byte(json), DefaultLimits)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) || !errors.Is(err, ErrMalformed) {
			t.Errorf("%q: %v", json, err)
		} else if syntax.Offset != offset {
			t.Errorf("%q: %v, want byte %d", json, err, offset)
		}
	}
}

// TestDecoderAllocatesNextToNothing reads keystrokes.
func TestDecoderAllocatesNextToNothing(t *testing.T) {
	dec := Decoder{Limits: DefaultLimits}
	keystroke := []byte(`[{"retain":1234},{"insert":"é","attributes":{"bold":true}}]`)
	var d Delta
	allocs := testing.AllocsPerRun(10_000, func() {
		var err error
		if d, err = dec.AppendJSON(d[:0], keystroke); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0.05 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestNumbersAreWrittenAsJavaScriptDoes(t *testing.T) {
	for in, want := range map[string]string{
		"1.0": "1", "-0": "0", "1e21": "1e+21", "123456789012345680000": "123456789012345680000",
		"1e-7": "1e-7", "0.000001": "0.000001", "1.5e300": "1.5e+300", "9007199254740993": "9007199254740992",
		"-1.5E-10": "-1.5e-10", "5e-324": "5e-324", "0.1": "0.1",
	} {
		if got := mustAttributes(`{"n":` + in + `}`).String(); got != `{"n":`+want+`}` {
			t.Errorf("%s is written %s", in, got)
		}
	}
}

// TestTheShortWayReadsTheSame compares ops written as JSON.stringify writes them
// with the same written otherwise, which are read the long way.
func TestTheShortWayReadsTheSame(t *testing.T) {
	limits := Limits{Length: 1000}
	for _, op := range []string{
		`{"retain":1}`, `{"retain":999}`, `{"retain":1000}`, `{"retain":1001}`, `{"retain":0}`, `{"retain":01}`, `{"retain":-1}`,
		`{"delete":7}`, `{"delete":7e1}`, `{"delete":7.0}`, `{"delete":1234567890}`, `{"delete":}`, `{"delete":7`, `{"delete":7,"x":1}`,
		`{"insert":"a"}`, `{"insert":""}`, `{"insert":"a\\n"}`, `{"insert":"é"}`, `{"insert":"a","attributes":{"b":1}}`,
		`{"insert":{"a":1}}`, `{"insert":"a`, `{"insert":"`, "{\"insert\":\"a\nb\"}", "{\"insert\":\"\xff\"}",
	} {
		short, errShort := DecodeJSON([]byte("["+op+"]"), limits)
		long, errLong := DecodeJSON([]byte("[ {"+op[1:]+"]"), limits)
		long2, errLong2 := DecodeJSON([]byte("[{ "+op[1:]+"]"), limits)
		if (errShort == nil) != (errLong2 == nil) || (errShort == nil) != (errLong == nil) {
			t.Errorf("%s: %v, %v, %v", op, errShort, errLong, errLong2)
		}
		if !short.Equal(long) || !short.Equal(long2) {
			t.Errorf("%s: %v, %v, %v", op, short, long, long2)
		}
	}
}
