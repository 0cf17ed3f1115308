package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/quire-editor/quire/store"
)

// companion keeps a small value of type T beside each document that has one: as the metadata of a document of the store, under a
// name that no document of a person can have.
type companion[T any] struct {
	store *store.Store
	// prefix begins those names. "~" sorts behind every document of a person.
	prefix string
}

// companionValue is a companion's value with what the store needs to replace it.
type companionValue[T any] struct {
	Document string `json:"document"`
	Value    T      `json:"value"`
	version  uint64
	exists   bool
}

// errFull is returned when a companion's value would be larger than the store takes.
var errFull = errors.New("no room for more beside this document")

func (k companion[T]) name(document string) string { return k.prefix + imageID([]byte(document)) }

func (k companion[T]) read(document string) (companionValue[T], error) {
	v := companionValue[T]{Document: document}
	info, err := k.store.Info(k.name(document))
	if errors.Is(err, store.ErrNotFound) {
		return v, nil
	}
	if err == nil {
		err = json.Unmarshal(info.Meta, &v)
	}
	if err != nil {
		return v, fmt.Errorf("read %s of %s: %w", k.prefix, document, err)
	}
	v.version, v.exists = info.MetaVersion, true
	return v, nil
}

// sweep removes the values of documents that are there no more.
func (k companion[T]) sweep(ctx context.Context, exists func(document string) (bool, error)) error {
	return k.each(func(v companionValue[T]) error {
		there, err := exists(v.Document)
		if err != nil || there {
			return err
		}
		return k.store.Delete(ctx, k.name(v.Document))
	})
}

// each calls fn for every value there is.
func (k companion[T]) each(fn func(companionValue[T]) error) error {
	for after := k.prefix; ; {
		page, err := k.store.List(after, maxPage)
		if err != nil {
			return fmt.Errorf("list %s: %w", k.prefix, err)
		}
		for _, info := range page {
			if !strings.HasPrefix(info.Document, k.prefix) {
				return nil
			}
			var v companionValue[T]
			if err := json.Unmarshal(info.Meta, &v); err != nil {
				return fmt.Errorf("read %s: %w", info.Document, err)
			}
			if err := fn(v); err != nil {
				return err
			}
			after = info.Document
		}
		if len(page) < maxPage {
			return nil
		}
	}
}

// remove takes the value away, if there is one.
func (k companion[T]) remove(ctx context.Context, document string) error {
	err := k.store.Delete(ctx, k.name(document))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// changeIfThere is change for a value that need not be made.
func (k companion[T]) changeIfThere(ctx context.Context, document string, fn func(*T)) error {
	v, err := k.read(document)
	if err != nil || !v.exists {
		return err
	}
	return k.change(ctx, document, func(value *T) error {
		fn(value)
		return nil
	})
}

// change replaces the value by what fn makes of it, and tries again when somebody else was faster. With an error of fn, which it
// returns, nothing changes.
func (k companion[T]) change(ctx context.Context, document string, fn func(*T) error) error {
	for {
		v, err := k.read(document)
		if err != nil {
			return err
		}
		if err := fn(&v.Value); err != nil {
			return err
		}
		meta, err := json.Marshal(v)
		if err != nil {
			return fmt.Errorf("encode %s of %s: %w", k.prefix, document, err)
		}
		if len(meta) > store.MaxMetaBytes {
			return errFull
		}
		if v.exists {
			err = k.store.SetMeta(ctx, k.name(document), v.version, meta)
		} else {
			err = k.store.Append(ctx, k.name(document), 0, []store.Record{{Src: "companion", Seq: 1, Time: nowMillis()}}, meta)
		}
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}
