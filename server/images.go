package server

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/quire-editor/quire/store"
)

// images are the pictures that were added to documents. Each is kept once, by the hash of its content, however many
// documents have it. A document has its pictures for as long as it exists, since its history shows them.
//
// Both pictures and the lists of who has which are documents of the store, under names that no document of a person can have.
// So everything that keeps text keeps them: the journal, backups, the checks for damage.
//
// The lists are the one truth about what is used; sweep removes the rest. Interrupted anywhere, an addition leaves at most a
// picture that nobody has, for the next sweep.
type images struct {
	store  *store.Store
	limits ImageLimits
	// mu is held while a list is changed, and while sweep decides what nobody has. It is held across I/O: pictures are
	// stored one after another.
	mu sync.Mutex
	// stale is poked when documents may have gone.
	stale chan struct{}
}

// ImageLimits bound the pictures in documents.
type ImageLimits struct {
	// Bytes is the largest picture.
	Bytes int64
	// DocumentBytes is how much the pictures of one document may have together.
	DocumentBytes int64
}

// DefaultImageLimits take a photo from a telephone, and a report full of them.
var DefaultImageLimits = ImageLimits{Bytes: 10 << 20, DocumentBytes: 200 << 20}

// maxImages is how many pictures a document may have: their list has to fit into the store's metadata.
const maxImages = 500

const (
	// imagePrefix and imageListPrefix begin the names of pictures and of lists in the store. "~" sorts behind every
	// document of a person.
	imagePrefix     = "~image."
	imageListPrefix = "~images."
)

// Errors of images.
var (
	// errImageQuota is returned when a document's pictures would take more than they may.
	errImageQuota = errors.New("the document has too many pictures")
	// errNoImage is returned for a picture that the document does not have.
	errNoImage = errors.New("no such picture")
)

// imageList is what the store keeps of a document's pictures, as metadata.
type imageList struct {
	Document string       `json:"document"`
	Images   []imageEntry `json:"images"`
	// version and exists are the store's.
	version uint64
	exists  bool
}

type imageEntry struct {
	ID    string `json:"id"`
	Bytes int64  `json:"bytes"`
}

func (l *imageList) has(id string) bool {
	for _, entry := range l.Images {
		if entry.ID == id {
			return true
		}
	}
	return false
}

func (l *imageList) bytes() (total int64) {
	for _, entry := range l.Images {
		total += entry.Bytes
	}
	return total
}

func newImages(st *store.Store, limits ImageLimits) *images {
	if limits == (ImageLimits{}) {
		limits = DefaultImageLimits
	}
	return &images{store: st, limits: limits, stale: make(chan struct{}, 1)}
}

// imageID names a picture by its content.
func imageID(data []byte) string {
	sum := sha256.Sum256(data)
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// imageListID names the list of a document's pictures. Document IDs may be as long as names in the store.
func imageListID(document string) string {
	return imageListPrefix + imageID([]byte(document))
}

// add gives a document a picture and returns the picture's ID once both are durable. Adding it again changes nothing.
func (im *images) add(ctx context.Context, document string, data []byte) (string, error) {
	id := imageID(data)
	im.mu.Lock()
	defer im.mu.Unlock()
	list, err := im.list(document)
	if err != nil || list.has(id) {
		return id, err
	}
	if len(list.Images) == maxImages || list.bytes()+int64(len(data)) > im.limits.DocumentBytes {
		return "", errImageQuota
	}
	if err := im.keep(ctx, id, data); err != nil {
		return "", fmt.Errorf("store a picture: %w", err)
	}
	list.Images = append(list.Images, imageEntry{id, int64(len(data))})
	if err := im.putList(ctx, list); err != nil {
		return "", fmt.Errorf("store the pictures of %s: %w", document, err)
	}
	return id, nil
}

// share gives a document the pictures of another.
func (im *images) share(ctx context.Context, from, to string) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	list, err := im.list(from)
	if err != nil || len(list.Images) == 0 {
		return err
	}
	return im.putList(ctx, imageList{Document: to, Images: list.Images})
}

// keep stores a picture that may be there already.
func (im *images) keep(ctx context.Context, id string, data []byte) error {
	err := im.store.Append(ctx, imagePrefix+id, 0, []store.Record{{Src: "image", Seq: 1, Time: nowMillis(), Payload: data}}, nil)
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	return err
}

// list returns the pictures of a document.
func (im *images) list(document string) (imageList, error) {
	list := imageList{Document: document}
	info, err := im.store.Info(imageListID(document))
	if errors.Is(err, store.ErrNotFound) {
		return list, nil
	}
	if err == nil {
		list, err = decodeImageList(info.Meta)
	}
	if err != nil {
		return list, fmt.Errorf("list the pictures of %s: %w", document, err)
	}
	list.version, list.exists = info.MetaVersion, true
	return list, nil
}

func decodeImageList(b []byte) (list imageList, err error) {
	err = json.Unmarshal(b, &list)
	return list, err
}

func (im *images) putList(ctx context.Context, list imageList) error {
	meta, err := json.Marshal(list)
	if err != nil {
		return err
	}
	id := imageListID(list.Document)
	if list.exists {
		return im.store.SetMeta(ctx, id, list.version, meta)
	}
	return im.store.Append(ctx, id, 0, []store.Record{{Src: "image", Seq: 1, Time: nowMillis()}}, meta)
}

// drop takes all pictures from a document. Those that nobody else has go with the next sweep.
func (im *images) drop(ctx context.Context, document string) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	err := im.store.Delete(ctx, imageListID(document))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// read returns a picture that a document has, or errNoImage.
func (im *images) read(document, id string) ([]byte, error) {
	list, err := im.list(document)
	if err != nil {
		return nil, err
	}
	if !list.has(id) {
		return nil, errNoImage
	}
	var data []byte
	err = im.store.Records(imagePrefix+id, 0, 1, func(r store.Record) error {
		data = r.Payload
		return nil
	})
	switch {
	case errors.Is(err, store.ErrNotFound):
		return nil, errNoImage // the document has gone meanwhile
	case err == nil && imageID(data) != id:
		err = store.ErrCorrupt
	}
	if err != nil {
		return nil, fmt.Errorf("read picture %s of %s: %w", id, document, err)
	}
	return data, nil
}

// documentGone says that a document may have gone. It does not wait for its pictures to go.
func (im *images) documentGone() {
	select {
	case im.stale <- struct{}{}:
	default:
	}
}

// sweep removes the lists of documents that have gone, and the pictures that nobody has any more.
func (im *images) sweep(ctx context.Context, exists func(document string) (bool, error)) error {
	im.mu.Lock()
	defer im.mu.Unlock()
	used := map[string]bool{}
	err := im.each(imageListPrefix, func(info store.Info) error {
		list, err := decodeImageList(info.Meta)
		if err != nil {
			return fmt.Errorf("%s: %w", info.Document, err)
		}
		there, err := exists(list.Document)
		if err != nil {
			return err
		}
		if !there {
			return im.store.Delete(ctx, info.Document)
		}
		for _, entry := range list.Images {
			used[entry.ID] = true
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("look for pictures in use: %w", err)
	}
	err = im.each(imagePrefix, func(info store.Info) error {
		if used[strings.TrimPrefix(info.Document, imagePrefix)] {
			return nil
		}
		return im.store.Delete(ctx, info.Document)
	})
	if err != nil {
		return fmt.Errorf("remove pictures: %w", err)
	}
	return nil
}

// each calls fn for what the store has under names with a prefix.
func (im *images) each(prefix string, fn func(store.Info) error) error {
	for after := prefix; ; {
		page, err := im.store.List(after, maxPage)
		if err != nil {
			return err
		}
		for _, info := range page {
			if !strings.HasPrefix(info.Document, prefix) {
				return nil
			}
			if err := fn(info); err != nil {
				return err
			}
			after = info.Document
		}
		if len(page) < maxPage {
			return nil
		}
	}
}

// Sweep removes the pictures, links and tags of documents that have gone: now, since an earlier run may have been interrupted, and
// whenever a document goes, until ctx ends.
func (s *Server) Sweep(ctx context.Context) {
	for {
		if err := s.images.sweep(ctx, s.exists); err != nil && ctx.Err() == nil {
			s.considerFailure(err)
			s.logger.Error("pictures of deleted documents not removed; they are tried again after the next deletion", "error", err)
		}
		if err := errors.Join(s.links.sweep(ctx, s.exists), s.audit.sweep(ctx, s.exists), s.tags.sweep(ctx, s.areTagged)); err != nil && ctx.Err() == nil {
			s.considerFailure(err)
			s.logger.Error("links and tags of deleted documents not removed; they are tried again after the next deletion", "error", err)
		}
		select {
		case <-s.images.stale:
		case <-ctx.Done():
			return
		}
	}
}

// exists says whether there is a document, be it in the trash. A document that is deleted is there no more, though its log is.
func (s *Server) exists(document string) (bool, error) {
	_, err := lookUp(s.store, document)
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}
