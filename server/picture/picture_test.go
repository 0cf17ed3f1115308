package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"
)

// secret stands for what must not get out: a name, a place.
const secret = "52.5163N 13.3777E Ann's phone"

const sideWidth, sideHeight = 40, 24

func drawing() *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, sideWidth, sideHeight))
	for y := range sideHeight {
		for x := range sideWidth {
			m.Set(x, y, color.RGBA{uint8(x * 6), uint8(y * 10), uint8(x * y), 255})
		}
	}
	return m
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// exif is what a camera writes: how to turn the picture, and a secret.
func exif(order binary.AppendByteOrder, orientation uint16) []byte {
	mark := "MM\x00*"
	if order.String() == "LittleEndian" {
		mark = "II*\x00"
	}
	b := order.AppendUint32([]byte(mark), 8)
	b = order.AppendUint16(b, 2)
	b = append(order.AppendUint32(order.AppendUint16(order.AppendUint16(b, 0x010e), 2), uint32(len(secret))), 0, 0, 0, 60)
	b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tagOrientation), typeShort), 1)
	b = append(order.AppendUint16(b, orientation), 0, 0, 0, 0, 0, 0)
	return append(b, secret...)
}

func pngOf(orientation uint16) []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, drawing())
	plain := b.Bytes()
	out := slices.Clone(plain[:33]) // signature and IHDR
	out = appendPNGChunk(out, "gAMA", []byte{0, 0, 0xb1, 0x8f})
	out = appendPNGChunk(out, "tEXt", []byte("Author\x00"+secret))
	out = appendPNGChunk(out, "eXIf", exif(binary.BigEndian, orientation))
	out = appendPNGChunk(out, "tIME", []byte(secret[:7]))
	out = append(out, plain[33:]...)
	return append(out, secret...)
}

func jpegOf(orientation uint16) []byte {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, drawing(), nil)
	out := []byte{0xff, markerSOI}
	out = appendSegment(out, markerAPP0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x01\x01abc"))
	out = appendSegment(out, markerAPP1, append([]byte("Exif\x00\x00"), exif(binary.LittleEndian, orientation)...))
	out = appendSegment(out, markerAPP1, []byte("http://ns.adobe.com/xap/1.0/\x00"+secret))
	out = appendSegment(out, markerAPP2, []byte("ICC_PROFILE\x00\x01\x01profile"))
	out = appendSegment(out, markerAPP2, []byte("MPF\x00"+secret))
	out = appendSegment(out, 0xed, []byte("Photoshop 3.0\x00"+secret))
	out = appendSegment(out, 0xfe, []byte(secret))
	return append(append(out, b.Bytes()[2:]...), secret...) // a second picture, or a film, behind the first
}

func gifOf() []byte {
	palette := color.Palette{color.Black, color.White, color.RGBA{255, 0, 0, 255}}
	animation := &gif.GIF{LoopCount: 3}
	for n := range 3 {
		frame := image.NewPaletted(image.Rect(0, 0, sideWidth, sideHeight), palette)
		frame.SetColorIndex(n, n, uint8(n))
		animation.Image = append(animation.Image, frame)
		animation.Delay = append(animation.Delay, 5)
	}
	var b bytes.Buffer
	_ = gif.EncodeAll(&b, animation)
	plain := b.Bytes()
	block := func(kind byte, text string) []byte {
		return append(append([]byte{gifExtension, kind, byte(len(text))}, text...), 0)
	}
	head := gifHeader + colorTable(plain[10])
	out := slices.Clone(plain[:head])
	out = append(out, block(0xfe, secret)...)
	out = append(out, gifExtension, gifApplication, 11)
	out = append(out, "XMP DataXMP"...)
	out = append(append(append(out, byte(len(secret))), secret...), 0)
	out = append(out, plain[head:len(plain)-1]...)
	out = append(out, block(0xfe, secret)...)
	return append(append(out, gifTrailer), secret...)
}

var (
	smallWebP, _ = base64.StdEncoding.DecodeString("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
	smallAVIF, _ = base64.StdEncoding.DecodeString("AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUIAAADybWV0YQAAAAAAAAAoaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAGxpYmF2aWYAAAAADnBpdG0AAAAAAAEAAAAeaWxvYwAAAABEAAABAAEAAAABAAABGgAAAB0AAAAoaWluZgAAAAAAAQAAABppbmZlAgAAAAABAABhdjAxQ29sb3IAAAAAamlwcnAAAABLaXBjbwAAABRpc3BlAAAAAAAAAAIAAAACAAAAEHBpeGkAAAAAAwgICAAAAAxhdjFDgQ0MAAAAABNjb2xybmNseAACAAIAAYAAAAAXaXBtYQAAAAAAAAABAAEEAQKDBAAAACVtZGF0EgAKCBgANogQEAwgMg8f8D///8WfhwB8+ErK42A=")
)

func riff(chunks []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte("RIFF"), uint32(len(chunks)+4))
	return append(append(b, "WEBP"...), chunks...)
}

func webpOf(orientation uint16) []byte {
	flags := []byte{webpFlagExif | webpFlagXMP, 0, 0, 0, sideWidth - 1, 0, 0, sideHeight - 1, 0, 0}
	b := appendWebPChunk(nil, "VP8X", flags)
	b = append(b, smallWebP[webpHeader:]...)
	b = appendWebPChunk(b, "EXIF", exif(binary.BigEndian, orientation))
	b = appendWebPChunk(b, "XMP ", []byte(secret))
	return riff(appendWebPChunk(b, "note", []byte(secret)))
}

func box(name string, body ...[]byte) []byte {
	content := bytes.Join(body, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(len(content)+8))
	return append(append(b, name...), content...)
}

// avifOf is an AVIF of one item of pixels, one of Exif and one of XMP, and of boxes that nobody needs.
func avifOf() []byte {
	infe := func(id byte, kind string) []byte {
		return box("infe", []byte{2, 0, 0, 0, 0, id, 0, 0}, []byte(kind), []byte{0})
	}
	ftyp := box("ftyp", []byte("avif\x00\x00\x00\x00avifmif1"))
	build := func(data uint32) []byte {
		place := func(id byte, offset, length uint32) []byte {
			b := []byte{0, id, 0, 0, 0, 1}
			return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, data+offset), length)
		}
		secretBytes := uint32(len(secret))
		return box("meta", []byte{0, 0, 0, 0},
			box("hdlr", make([]byte, 24)),
			box("pitm", []byte{0, 0, 0, 0, 0, 1}),
			box("iloc", []byte{0, 0, 0, 0, 0x44, 0, 0, 3}, place(1, 0, 6), place(2, 6, secretBytes), place(3, 6+secretBytes, secretBytes)),
			box("iinf", []byte{0, 0, 0, 0, 0, 3}, infe(1, "av01"), infe(2, "Exif"), infe(3, "mime")),
			box("uuid", []byte(secret)),
			box("iprp", box("ipco",
				box("ispe", []byte{0, 0, 0, 0, 0, 0, 0, sideWidth, 0, 0, 0, sideHeight}), box("irot", []byte{1}))))
	}
	meta := build(0)
	meta = build(uint32(len(ftyp) + len(meta) + 8))
	file := slices.Concat(ftyp, meta, box("mdat", []byte("pixels"+secret+secret+"more "+secret)))
	return append(file, box("uuid", []byte(secret))...)
}

// samples are pictures with secrets in every place where programs put some.
func samples() map[string][]byte {
	return map[string][]byte{
		"png": pngOf(1), "jpeg": jpegOf(1), "gif": gifOf(), "webp": webpOf(1), "avif": avifOf(),
		"png turned": pngOf(6), "jpeg turned": jpegOf(6), "webp turned": webpOf(6), "jpeg upside down": jpegOf(3),
	}
}

func TestSecretsGoAndThePictureStays(t *testing.T) {
	for name, data := range samples() {
		if !bytes.Contains(data, []byte(secret)) {
			t.Fatalf("%s: the sample has no secret", name)
		}
		before := slices.Clone(data)
		p := must(Clean(data))(t)
		if bytes.Contains(p.Data, []byte(secret)) || bytes.Contains(p.Data, []byte("Ann")) {
			t.Errorf("%s: a secret is still there", name)
		}
		if !bytes.Equal(before, data) {
			t.Errorf("%s: the data given was changed", name)
		}
		width, height := sideWidth, sideHeight
		if strings.HasSuffix(name, "turned") || name == "avif" {
			width, height = height, width
		}
		if p.Width != width || p.Height != height {
			t.Errorf("%s is %d x %d, want %d x %d", name, p.Width, p.Height, width, height)
		}
		if again := must(Clean(p.Data))(t); !bytes.Equal(again.Data, p.Data) {
			t.Errorf("%s: cleaned again it changes", name)
		}
	}
}

func TestPixelsStayBitForBit(t *testing.T) {
	same := func(name string, decode func([]byte) (image.Image, error), data []byte) {
		before, after := must(decode(data))(t), must(decode(must(Clean(data))(t).Data))(t)
		for y := range sideHeight {
			for x := range sideWidth {
				if before.At(x, y) != after.At(x, y) {
					t.Fatalf("%s: the pixel at %d, %d is %v, was %v", name, x, y, after.At(x, y), before.At(x, y))
				}
			}
		}
	}
	same("png", func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }, pngOf(6))
	same("jpeg", func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }, jpegOf(6))
	before := must(gif.DecodeAll(bytes.NewReader(gifOf())))(t)
	after := must(gif.DecodeAll(bytes.NewReader(must(Clean(gifOf()))(t).Data)))(t)
	if len(after.Image) != 3 || after.LoopCount != before.LoopCount || !slices.Equal(after.Delay, before.Delay) {
		t.Fatalf("the animation has %d frames, repeats %d, delays %v", len(after.Image), after.LoopCount, after.Delay)
	}
	for n := range after.Image {
		if !bytes.Equal(before.Image[n].Pix, after.Image[n].Pix) {
			t.Fatalf("frame %d changed", n)
		}
	}
	if p := must(Clean(avifOf()))(t); !bytes.Contains(p.Data, []byte("pixels")) {
		t.Fatal("the AVIF's pixels are gone")
	}
	if p := must(Clean(smallAVIF))(t); !bytes.Equal(p.Data, smallAVIF) {
		t.Fatal("an AVIF without secrets changed")
	}
	if p := must(Clean(smallWebP))(t); !bytes.Equal(p.Data, smallWebP) {
		t.Fatal("a WebP without secrets changed")
	}
}

func TestTurnedPicturesAreStillTurned(t *testing.T) {
	for orientation := uint16(2); orientation <= 8; orientation++ {
		for name, data := range map[string][]byte{"png": pngOf(orientation), "jpeg": jpegOf(orientation), "webp": webpOf(orientation)} {
			want := orientationOnly(int(orientation))
			if p := must(Clean(data))(t); !bytes.Contains(p.Data, want) || orientationIn(want) != int(orientation) {
				t.Errorf("%s: the turn %d is lost", name, orientation)
			}
		}
	}
}

func TestColourProfilesStay(t *testing.T) {
	if p := must(Clean(jpegOf(1)))(t); !bytes.Contains(p.Data, []byte("ICC_PROFILE\x00\x01\x01profile")) {
		t.Error("the JPEG's colour profile is gone")
	}
	if p := must(Clean(pngOf(1)))(t); !bytes.Contains(p.Data, []byte("gAMA")) {
		t.Error("the PNG's gamma is gone")
	}
}

func TestWhatIsNoPictureIsRefused(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": "", "text": "hello", "SVG": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`,
		"HTML": "<!doctype html><img>", "a film": "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "PDF": "%PDF-1.7",
	} {
		if _, err := Clean([]byte(data)); !errors.Is(err, ErrUnknown) {
			t.Errorf("%s is answered %v", name, err)
		}
	}
}

func TestPictureThatEndsEarlyIsRefused(t *testing.T) {
	for name, data := range samples() {
		for _, part := range []int{30, len(data) / 4} {
			if _, err := Clean(data[:part]); err == nil {
				t.Errorf("%s of %d bytes is taken", name, part)
			}
		}
	}
}

func TestPictureWithAWrongChecksumIsRefused(t *testing.T) {
	data := pngOf(1)
	data[20]++
	if _, err := Clean(data); !errors.Is(err, ErrDamaged) {
		t.Errorf("it is answered %v", err)
	}
}

func TestPictureOfTooManyPixelsIsRefused(t *testing.T) {
	head := []byte{0, 1, 0, 0, 0, 1, 0, 0, 8, 2, 0, 0, 0} // 65,536 x 65,536
	bomb := appendPNGChunk(slices.Clone(pngSignature), "IHDR", head)
	bomb = appendPNGChunk(appendPNGChunk(bomb, "IDAT", []byte("x")), "IEND", nil)
	if _, err := Clean(bomb); !errors.Is(err, ErrTooManyPixels) {
		t.Errorf("it is answered %v", err)
	}
}

func FuzzClean(f *testing.F) {
	for _, data := range samples() {
		f.Add(data)
	}
	f.Add(smallWebP)
	f.Add(smallAVIF)
	f.Fuzz(func(t *testing.T, data []byte) {
		before := slices.Clone(data)
		p, err := Clean(data)
		if !bytes.Equal(before, data) {
			t.Fatal("the data given was changed")
		}
		if err != nil {
			return
		}
		if len(p.Data) > len(data)+128 || p.Width <= 0 || p.Height <= 0 || TypeOf(p.Data) != p.Type {
			t.Fatalf("%d bytes became %d: %s, %d x %d", len(data), len(p.Data), p.Type, p.Width, p.Height)
		}
		again, err := Clean(p.Data)
		if err != nil || !bytes.Equal(again.Data, p.Data) {
			t.Fatalf("cleaned again it differs: %v", err)
		}
	})
}
