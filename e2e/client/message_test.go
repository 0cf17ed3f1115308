package client

import (
	"encoding/json"
	"testing"
)

func TestMessageIsReadAsEncodingJSONReadsIt(t *testing.T) {
	for _, text := range []string{
		`{"a":"op","c":"documents","d":"x","v":12,"src":"me","seq":3,"op":[{"insert":"a\"}]"},{"retain":2}]}`,
		` { "a" : "op" , "v" : 0 , "src" : "some\u0041body" , "op" : { "ops" : [ { "delete" : 1 } ] } , "m" : null } `,
		`{"a":"s","c":"documents","d":"x","data":{"v":3,"type":"t","data":[{"insert":"{}[],:\\"}]}}`,
		`{"a":"op","v":null,"del":true,"create":{"type":"t"}}`,
		`{"a":"hs","protocol":1,"id":"abc"}`,
		`{"error":{"code":"ERR","message":"no"},"a":"op"}`,
		`{}`,
	} {
		var want struct {
			Action  string          `json:"a"`
			Version uint64          `json:"v"`
			ID      json.RawMessage `json:"id"`
			Src     string          `json:"src"`
			Seq     uint64          `json:"seq"`
			Op      json.RawMessage `json:"op"`
			Create  json.RawMessage `json:"create"`
			Delete  bool            `json:"del"`
			Data    *snapshot       `json:"data"`
			Error   *Refusal        `json:"error"`
		}
		if err := json.Unmarshal([]byte(text), &want); err != nil {
			t.Fatal(err)
		}
		got, err := parse([]byte(text), "me")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		same := got.Action == want.Action && got.Version == want.Version && string(got.ID) == string(want.ID) &&
			got.Src == want.Src && got.Seq == want.Seq && string(got.Op) == string(want.Op) &&
			got.Create == (want.Create != nil) && got.Delete == want.Delete &&
			(got.Data == nil) == (want.Data == nil) && (got.Error == nil) == (want.Error == nil)
		if !same {
			t.Errorf("%s is read as %+v", text, got)
		}
	}
}

func TestWhatIsNoObjectIsRefused(t *testing.T) {
	for _, text := range []string{``, `[]`, `"a"`, `{`, `{"a"}`, `{"a":1`, `{a:1}`, `{"a":"op"`, `{"v":-1}`, `{"v":1.5}`} {
		if _, err := parse([]byte(text), ""); err == nil {
			t.Errorf("%s is taken for a message", text)
		}
	}
}
