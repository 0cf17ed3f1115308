package server

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/quire-editor/quire/store"
)

// paint makes a PNG of one colour.
func paint(shade uint8) string {
	m := image.NewGray(image.Rect(0, 0, 8, 6))
	for i := range m.Pix {
		m.SetGray(i%8, i/8, color.Gray{shade})
	}
	var b bytes.Buffer
	_ = png.Encode(&b, m)
	return b.String()
}

func (ts *testServer) addImage(document, data string) imageInfo {
	ts.t.Helper()
	status, _, body := ts.do("POST", "/api/v1/documents/"+document+"/images", data)
	var info imageInfo
	if err := json.Unmarshal([]byte(body), &info); err != nil || status != http.StatusCreated {
		ts.t.Fatalf("adding a picture answered %d %s", status, body)
	}
	return info
}

// kept returns how many pictures and lists of them the store has.
func (ts *testServer) kept() (images, lists int) {
	ts.t.Helper()
	all, err := ts.store.List("~", 0)
	if err != nil {
		ts.t.Fatal(err)
	}
	for _, info := range all {
		if strings.HasPrefix(info.Document, imageListPrefix) {
			lists++
		} else {
			images++
		}
	}
	return images, lists
}

func (ts *testServer) sweep() {
	ts.t.Helper()
	if err := ts.images.sweep(context.Background(), ts.exists); err != nil {
		ts.t.Fatal(err)
	}
}

func (ts *testServer) deleteDocument(document string) {
	ts.t.Helper()
	p := ts.joinOwner(document)
	p.send(`{"a":"op","c":"documents","d":"<doc>","v":null,"src":"<id>","seq":1,"del":true}`)
	p.receive()
}

func TestPictureIsKeptServedAndSafe(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("rich", "")
	info := ts.addImage(doc, paint(7))
	if info.Type != "image/png" || info.Width != 8 || info.Height != 6 {
		t.Fatalf("it is described as %+v", info)
	}
	status, header, body := ts.do("GET", info.URL, "")
	if status != 200 || body != paint(7) {
		t.Fatalf("answered %d, %d bytes", status, len(body))
	}
	for name, want := range map[string]string{
		"Content-Type": "image/png", "X-Content-Type-Options": "nosniff",
		"Cache-Control":                "private, max-age=31536000, immutable",
		"Content-Security-Policy":      "default-src 'none'; sandbox",
		"Content-Disposition":          `inline; filename="picture.png"`,
		"Cross-Origin-Resource-Policy": "same-origin",
	} {
		if header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, header.Get(name), want)
		}
	}
	if status, _, _ := ts.do("GET", info.URL, "", "If-None-Match", header.Get("ETag")); status != http.StatusNotModified {
		t.Errorf("asked again it answers %d", status)
	}
}

func TestPictureIsStoredOnceForAllDocuments(t *testing.T) {
	ts := serveNew(t)
	one, two := ts.create("rich", ""), ts.create("markdown", "")
	first, again, other := ts.addImage(one, paint(1)), ts.addImage(one, paint(1)), ts.addImage(two, paint(1))
	if first != again || first.ID != other.ID {
		t.Fatalf("one picture is %v, %v and %v", first, again, other)
	}
	if images, lists := ts.kept(); images != 1 || lists != 2 {
		t.Fatalf("%d pictures and %d lists are kept", images, lists)
	}
	ts.addImage(two, paint(2))
	if images, _ := ts.kept(); images != 2 {
		t.Fatalf("%d pictures are kept", images)
	}
}

func TestPictureIsForThoseWhoHaveItsDocument(t *testing.T) {
	ts := serveNew(t)
	one, two := ts.create("rich", ""), ts.create("rich", "")
	info := ts.addImage(one, paint(1))
	for _, path := range []string{
		strings.Replace(info.URL, one, two, 1), strings.Replace(info.URL, one, "nowhere", 1), info.URL + "x",
		"/api/v1/documents/" + imagePrefix + info.ID, "/api/v1/documents/" + imagePrefix + info.ID + "/text",
	} {
		if status, _, body := ts.do("GET", path, ""); status != http.StatusNotFound {
			t.Errorf("%s answered %d %.80q", path, status, body)
		}
	}
	if _, _, body := ts.do("GET", "/api/v1/documents", ""); strings.Contains(body, "image") || strings.Count(body, `"id"`) != 2 {
		t.Errorf("the list of documents is %s", body)
	}
}

func TestPictureGoesWithTheLastDocumentThatHasIt(t *testing.T) {
	ts := serveNew(t)
	one, two := ts.create("rich", ""), ts.create("rich", "")
	shared, own := ts.addImage(one, paint(1)), ts.addImage(one, paint(2))
	ts.addImage(two, paint(1))
	ts.deleteDocument(one)
	<-ts.images.stale // the room has said so
	ts.sweep()
	if images, lists := ts.kept(); images != 1 || lists != 1 {
		t.Fatalf("after the first deletion %d pictures and %d lists are kept", images, lists)
	}
	if status, _, _ := ts.do("GET", own.URL, ""); status != http.StatusNotFound {
		t.Errorf("the picture of a deleted document is answered %d", status)
	}
	if status, _, _ := ts.do("GET", strings.Replace(shared.URL, one, two, 1), ""); status != http.StatusOK {
		t.Errorf("the other document's picture is answered %d", status)
	}
	ts.deleteDocument(two)
	ts.sweep()
	if images, lists := ts.kept(); images != 0 || lists != 0 {
		t.Fatalf("after the last deletion %d pictures and %d lists are kept", images, lists)
	}
}

func TestInterruptedAdditionLeavesNothingForGood(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("rich", "")
	data := paint(1)
	if err := ts.images.keep(context.Background(), imageID([]byte(data)), []byte(data)); err != nil { // and the power fails
		t.Fatal(err)
	}
	ts.addImage(doc, paint(2))
	ts.sweep()
	if images, lists := ts.kept(); images != 1 || lists != 1 {
		t.Fatalf("%d pictures and %d lists are kept", images, lists)
	}
	ts.addImage(doc, data) // it can still be added
}

func TestPicturesAddedAtOnceAreAllThere(t *testing.T) {
	ts := serveNew(t)
	doc := ts.create("rich", "")
	var wg sync.WaitGroup
	for shade := range uint8(20) {
		wg.Go(func() { ts.do("POST", "/api/v1/documents/"+doc+"/images", paint(shade%10)) })
		if shade%5 == 0 {
			wg.Go(func() { _ = ts.images.sweep(context.Background(), ts.exists) })
		}
	}
	wg.Wait()
	list, err := ts.images.list(doc)
	if images, _ := ts.kept(); err != nil || len(list.Images) != 10 || images != 10 {
		t.Fatalf("%d are listed, %d kept, %v", len(list.Images), images, err)
	}
}

func TestPictureThatCannotBeTakenIsRefusedInASentence(t *testing.T) {
	ts := serveAt(t, t.TempDir(), func(o *Options) { o.Images = ImageLimits{Bytes: 1000, DocumentBytes: 150} })
	doc := ts.create("rich", "")
	path := "/api/v1/documents/" + doc + "/images"
	ts.addImage(doc, paint(1))
	for name, test := range map[string]struct {
		path, data string
		status     int
	}{
		"too large":            {path, strings.Repeat("x", 1001), http.StatusRequestEntityTooLarge},
		"a drawing in SVG":     {path, `<svg xmlns="http://www.w3.org/2000/svg"/>`, http.StatusUnsupportedMediaType},
		"damaged":              {path, paint(3)[:60], http.StatusUnprocessableEntity},
		"beyond the quota":     {path, paint(2), http.StatusConflict},
		"of no document":       {"/api/v1/documents/nowhere/images", paint(2), http.StatusNotFound},
		"nothing":              {path, "", http.StatusUnsupportedMediaType},
		"of a name of our own": {"/api/v1/documents/" + imagePrefix + "x/images", paint(2), http.StatusNotFound},
	} {
		status, header, body := ts.do("POST", test.path, test.data)
		var p problemDetails
		if err := json.Unmarshal([]byte(body), &p); err != nil || status != test.status || len(p.Detail) < 20 || header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: answered %d %s", name, status, body)
		}
	}
	if images, lists := ts.kept(); images != 1 || lists != 1 {
		t.Fatalf("%d pictures and %d lists are kept", images, lists)
	}
}

func TestBackupHasThePictures(t *testing.T) {
	ts := serveNew(t)
	info := ts.addImage(ts.create("rich", ""), paint(1))
	var backup bytes.Buffer
	if err := ts.store.Backup(context.Background(), &backup, nil); err != nil {
		t.Fatal(err)
	}
	data := t.TempDir()
	if err := store.Restore(data, &backup); err != nil {
		t.Fatal(err)
	}
	restored := serveAt(t, data, nil)
	restored.sweep()
	if status, _, body := restored.do("GET", info.URL, ""); status != 200 || body != paint(1) {
		t.Fatalf("answered %d, %d bytes", status, len(body))
	}
}
