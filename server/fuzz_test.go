package server

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/quire-editor/quire/e2e/client"
	"github.com/quire-editor/quire/ot"
	"github.com/quire-editor/quire/server/wire"
)

// phrases are what hostile peers begin with; V stands for a version, N for a small number.
var phrases = []string{
	`{"a":"hs","id":null,"protocol":1,"protocolMinor":2}`,
	`{"a":"hs","id":"hostile-N","protocol":1,"protocolMinor":2}`,
	`{"a":"f","c":"documents","d":"doc","v":null}`,
	`{"a":"f","c":"documents","d":"doc","v":V}`,
	`{"a":"s","c":"documents","d":"doc","v":null}`,
	`{"a":"s","c":"documents","d":"doc","v":V}`,
	`{"a":"u","c":"documents","d":"doc"}`,
	`{"a":"op","c":"documents","d":"doc","v":V,"seq":N,"op":[{"insert":"x\n"}]}`,
	`{"a":"op","c":"documents","d":"doc","v":V,"seq":N,"op":[{"retain":N},{"insert":"\ud83d","attributes":{"bold":true}},{"delete":N}]}`,
	`{"a":"op","c":"documents","d":"doc","v":null,"src":"hostile-N","seq":N,"op":{"ops":[{"insert":{"image":"x"}},{"retain":N,"attributes":{"bold":null,"x":{"y":[1]}}}]}}`,
	`{"a":"op","c":"documents","d":"doc","v":V,"seq":N,"op":[{"delete":N}]}`,
	`{"a":"op","c":"documents","d":"doc","v":null,"seq":N,"op":[]}`,
	`{"a":"op","c":"documents","d":"doc","v":null,"seq":N,"create":{"type":"rich-text","data":[{"insert":"y\n"}]}}`,
	`{"a":"p","ch":"documents.doc","id":"caret","p":{"index":N,"length":N,"name":"Eve"},"pv":N,"v":V}`,
	`{"a":"p","ch":"documents.doc","id":"N","p":null,"pv":N}`,
	`{"a":"ps","ch":"documents.doc","seq":N}`,
	`{"a":"pu","ch":"documents.doc","seq":N}`,
	`{"a":"pr","ch":"documents.doc"}`,
	`{"a":"q:hello","c":"documents","d":"doc"}`,
	`{"a":"nf","id":N,"c":"documents","d":"doc","v":V}`,
	`{"a":"nt","id":N,"c":"documents","d":"doc","ts":N}`,
	`{"a":"bs","c":"documents","b":{"doc":V,"other":N}}`,
	`{"a":"bs","c":"documents","b":["doc","other","doc"]}`,
	`{"a":"bf","c":"documents","b":["doc"]}`,
	`{"a":"bu","c":"documents","b":["other","doc"]}`,
	`{"a":"s","c":"documents","d":"other-N","v":V}`,
	`{"a":"pp"}`,
}

// FuzzSession: two hostile peers say what the fuzzer makes up, beside two people who write. Nothing panics, the room never
// fails, and the people end with the document that the log has.
func FuzzSession(f *testing.F) {
	for i := range phrases {
		f.Add([]byte{1, byte(i), 0, 3, 7, 1, byte(i + 1), 1, 2, 9, byte(i), byte(i), byte(i), byte(i)})
	}
	f.Add([]byte(strings.Repeat("\x07\x07\x00\x01\x01\x08\x08\x01\x02\x05\x0d\x0d\x00\x03\x02", 20)))
	f.Fuzz(func(t *testing.T, script []byte) {
		if err := newAssault(script).run(); err != nil {
			t.Fatal(err)
		}
	})
}

// assault is a simulation without faults of its own, in which hostile peers follow a script.
type assault struct {
	*simulation
	script  []byte
	hostile [2]*simConn
}

func newAssault(script []byte) *assault {
	seed := make([]byte, 8)
	copy(seed, script)
	s := newSimulation(binary.LittleEndian.Uint64(seed))
	s.bad, s.panics, s.buffer, s.edits = 0, 0, 1<<30, 20
	s.pDrop, s.pCrash, s.pEvict, s.pReload, s.pRepeat = 0, 0, 0, 0, 0
	s.limits = DefaultLimits
	s.populate(1, 2)
	for _, p := range s.people {
		p.refused = p.startsOver
	}
	return &assault{simulation: s, script: script}
}

// startsOver is what a browser does with a refusal of its edit: it loads the document again. That a well-behaved edit is
// refused happens where a hostile one has replaced the final newline meanwhile.
func (p *person) startsOver(err error) {
	refusal, ok := errors.AsType[*client.Refusal](err)
	if !ok || refusal.Code != string(wire.CodeOpNotApplied) {
		p.doc.fail("person %d: %w", p.name, err)
		return
	}
	p.device.reload()
}

func (a *assault) run() error {
	a.start()
	for i := range a.hostile {
		a.hostile[i] = newSimConn(a.simulation, "guest:hostile", "")
	}
	a.tick()
	a.attack()
	a.world.run(func() string {
		if len(a.script) > 0 {
			return "the assault"
		}
		a.hostile[0].cut()
		a.hostile[1].cut()
		return a.unfinished()
	})
	if a.err == nil && a.docs[0].room.failed != nil {
		a.fail("the room failed: %w", a.docs[0].room.failed)
	}
	if a.err == nil {
		a.verify()
	}
	return a.err
}

// attack says the next message of the script.
func (a *assault) attack() {
	if len(a.script) < 5 {
		a.script = nil
		return
	}
	step := a.script[:5]
	a.script = a.script[5:]
	message := a.phrase(step)
	if step[0]&0x40 != 0 { // change some of it
		n := min(int(step[4]), len(a.script))
		message = mutated(message, a.script[:n], step[2])
		a.script = a.script[n:]
	}
	if peer := a.hostile[step[0]&1]; peer.up && !deletes(message) {
		peer.toServer(message)
	}
	a.after(1+int64(step[3])*20, a.attack)
}

func (a *assault) phrase(step []byte) []byte {
	version := max(0, int(a.docs[0].room.head.revision)-int(step[2]%8))
	return []byte(strings.NewReplacer("V", fmt.Sprint(version), "N", fmt.Sprint(step[3]%32)).Replace(phrases[int(step[1])%len(phrases)]))
}

// mutated writes other bytes into a message from some place on.
func mutated(message, other []byte, at byte) []byte {
	i := int(at) % len(message)
	out := append(append([]byte{}, message[:i]...), other...)
	if i+len(other) < len(message) && at&1 == 0 {
		return append(out, message[i+len(other):]...) // in place of what was there
	}
	return append(out, message[i:]...)
}

// deletes says whether a message deletes the document, which the well-behaved could only watch.
func deletes(message []byte) bool {
	req, _ := wire.Decode(message, ot.DefaultLimits)
	return utf8.Valid(message) && req.Delete
}
