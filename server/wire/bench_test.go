package wire

import (
	"testing"

	"github.com/quire-editor/quire/ot"
)

// BenchmarkDecodeEdit reads a keystroke as a stock client sends it.
func BenchmarkDecodeEdit(b *testing.B) {
	message := []byte(`{"a":"op","c":"documents","d":"plan","v":1234,"src":"0123456789abcdef","seq":77,"x":{},"op":[{"retain":812},{"insert":"k"}]}`)
	for _, way := range []struct {
		name   string
		decode func([]byte, ot.Limits) (*Request, error)
	}{{"edit", Decode}, {"general", decode}} {
		b.Run(way.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := way.decode(message, ot.DefaultLimits); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
