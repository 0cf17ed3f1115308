package replay

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/quire-editor/quire/ot"
)

// recording is a file of edits that people made. testdata/README.md describes both forms.
type recording struct {
	header header
	// concurrent edits in the order in which a central server committed them; or
	concurrent []submission
	// sequential edits of one text, each made after the one before.
	sequential []ot.Delta
}

type header struct {
	Trace       string `json:"trace"`
	Form        string `json:"form"`
	Agents      int    `json:"agents"`
	FinalUnits  int    `json:"final_units"`
	FinalSHA256 string `json:"final_utf8_sha256"`
}

// submission is an edit made by an agent that knew the first `revision` committed edits.
type submission struct {
	agent    int
	revision uint64
	delta    ot.Delta
}

const maxLine = 16 << 20

func load(path string) (*recording, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	lines := bufio.NewScanner(unzipped)
	lines.Buffer(nil, maxLine)
	rec := &recording{}
	for n := 1; lines.Scan(); n++ {
		if n == 1 {
			err = json.Unmarshal(lines.Bytes(), &rec.header)
		} else if strings.Contains(path, ".seq.") {
			err = rec.addSequential(lines.Bytes())
		} else {
			err = rec.addConcurrent(lines.Bytes())
		}
		if err != nil {
			return nil, fmt.Errorf("%s line %d: %w", path, n, err)
		}
	}
	return rec, lines.Err()
}

// addConcurrent reads [agent, revision, op, as committed].
func (rec *recording) addConcurrent(line []byte) error {
	var fields [4]json.RawMessage
	var s submission
	if err := json.Unmarshal(line, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields[0], &s.agent); err != nil {
		return err
	}
	if err := json.Unmarshal(fields[1], &s.revision); err != nil {
		return err
	}
	var err error
	s.delta, err = ot.DecodeJSON(fields[2], ot.DefaultLimits)
	rec.concurrent = append(rec.concurrent, s)
	return err
}

// addSequential reads a list of [position, units deleted, text inserted].
func (rec *recording) addSequential(line []byte) error {
	var patches [][3]json.RawMessage
	if err := json.Unmarshal(line, &patches); err != nil {
		return err
	}
	var edit ot.Delta
	for _, p := range patches {
		var position, deleted int
		var inserted string
		for i, into := range []any{&position, &deleted, &inserted} {
			if err := json.Unmarshal(p[i], into); err != nil {
				return err
			}
		}
		edit = ot.Compose(edit, patch(position, deleted, inserted))
	}
	rec.sequential = append(rec.sequential, edit)
	return nil
}

func patch(position, deleted int, inserted string) ot.Delta {
	var d ot.Delta
	if position > 0 {
		d = append(d, ot.RetainOp(position, ot.Attributes{}))
	}
	if inserted != "" {
		d = append(d, ot.InsertText(inserted, ot.Attributes{}))
	}
	if deleted > 0 {
		d = append(d, ot.DeleteOp(deleted))
	}
	return d
}
