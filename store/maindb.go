package store

import (
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// Buckets of main.db. "Number" is a document's number, 8 bytes big endian.
var (
	bucketDocuments = []byte("documents") // document ID -> sealed header
	bucketMeta      = []byte("meta")      // number | 0 | part -> metadata
	bucketChunks    = []byte("chunks")    // number | last revision | part -> zstd of a chunk
	bucketSnapshots = []byte("snapshots") // number | ^revision | part -> zstd of a state
	bucketSources   = []byte("sources")   // number | src -> sealed seq, revision
	bucketMessages  = []byte("messages")  // number | index | part -> message
	bucketDoomed    = []byte("doomed")    // number -> sealed revision: what waits to be removed

	mainBuckets = [][]byte{bucketDocuments, bucketMeta, bucketChunks, bucketSnapshots, bucketSources, bucketMessages, bucketDoomed}
)

func numberKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64(nil, number)
}

// loadHeader reads a document's row and metadata. A missing document is a zero header.
func loadHeader(tx *bolt.Tx, document string) (header, error) {
	key := []byte(document)
	v := readValue(tx.Bucket(bucketDocuments), key)
	if v == nil {
		return header{}, nil
	}
	return readHeader(readCursor(tx.Bucket(bucketMeta)), key, v)
}

// loadWhole is loadHeader for whoever goes on from there: it also checks that the
// document does not end later than its row says, as it would if the disk had
// never written the row's newest page.
func loadWhole(tx *bolt.Tx, document string) (header, error) {
	h, err := loadHeader(tx, document)
	if err != nil || !h.exists {
		return h, err
	}
	if _, _, last, ok := seekValue(readCursor(tx.Bucket(bucketChunks)), h.number, h.revision); ok {
		return header{}, corrupt(mainName, errShort, "document %q ends at revision %d, its row says %d", document, last+1, h.revision)
	}
	return h, nil
}

func readHeader(metas cursor, key, value []byte) (header, error) {
	body, err := unseal(key, value)
	if err != nil {
		return header{}, corrupt(mainName, err, "header of document %q", key)
	}
	h, err := decodeHeader(body)
	if err != nil {
		return header{}, corrupt(mainName, err, "header of document %q", key)
	}
	if h.metaVersion == 0 {
		return h, nil
	}
	k, v := metas.Seek(partKey(h.number, 0, 0))
	if h.meta, err = readParts(metas, k, v); err != nil {
		return header{}, corrupt(mainName, err, "metadata of document %q", key)
	}
	return h, nil
}

// storeHeader writes a document's row, and its metadata if metaChanged.
func storeHeader(tx *bolt.Tx, document string, h *header, metaChanged bool) error {
	key := []byte(document)
	if metaChanged {
		b := tx.Bucket(bucketMeta)
		if err := deletePrefix(b, numberKey(h.number)); err != nil {
			return err
		}
		if err := putParts(b, h.number, 0, h.meta); err != nil {
			return err
		}
	}
	return putValue(tx.Bucket(bucketDocuments), key, h.encode())
}

func sourceKey(number uint64, src string) []byte {
	return append(numberKey(number), src...)
}

func storeSource(tx *bolt.Tx, number uint64, src string, l lastOf) error {
	key := sourceKey(number, src)
	body := binary.AppendUvarint(nil, l.seq)
	return putValue(tx.Bucket(bucketSources), key, binary.AppendUvarint(body, l.revision))
}

func loadSource(tx *bolt.Tx, number uint64, src string) (l lastOf, ok bool, err error) {
	key := sourceKey(number, src)
	v := readValue(tx.Bucket(bucketSources), key)
	if v == nil {
		return lastOf{}, false, nil
	}
	if l, err = openSource(key, v); err != nil {
		return lastOf{}, false, corrupt(mainName, err, "source %q of document number %d", src, number)
	}
	return l, true, nil
}

func openSource(key, value []byte) (lastOf, error) {
	body, err := unseal(key, value)
	if err != nil {
		return lastOf{}, err
	}
	return decodeSource(body)
}

func decodeSource(body []byte) (lastOf, error) {
	r := byteReader{b: body}
	l := lastOf{seq: r.uvarint(), revision: r.uvarint()}
	return l, r.end()
}

// corrupt wraps err into ErrCorrupt with the file and the thing that is damaged.
func corrupt(file string, err error, what string, args ...any) error {
	return fmt.Errorf("%w: %s: %s: %w", ErrCorrupt, file, fmt.Sprintf(what, args...), err)
}
