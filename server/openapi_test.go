package server

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"
)

// TestDescriptionHasEveryAddressOfTheAPI: what the server answers under /api/v1 is what the description says, and its references lead
// somewhere.
func TestDescriptionHasEveryAddressOfTheAPI(t *testing.T) {
	ts := serveNew(t)
	_, _, body := ts.do("GET", "/api/v1/openapi.json", "")
	var description struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if err := json.Unmarshal([]byte(body), &description); err != nil {
		t.Fatal(err)
	}
	var described, answered []string
	for path, methods := range description.Paths {
		for method := range methods {
			if method != "parameters" {
				described = append(described, strings.ToUpper(method)+" "+path)
			}
		}
	}
	parameter := regexp.MustCompile(`:(\w+)`)
	for _, route := range ts.handler.(*gin.Engine).Routes() {
		path, ok := strings.CutPrefix(route.Path, "/api/v1")
		if ok && path != "/openapi.json" {
			answered = append(answered, route.Method+" "+parameter.ReplaceAllString(path, "{$1}"))
		}
	}
	slices.Sort(described)
	slices.Sort(answered)
	if !slices.Equal(described, answered) {
		t.Errorf("described are %v\nanswered %v", described, answered)
	}
	for _, found := range regexp.MustCompile(`#/components/schemas/(\w+)`).FindAllStringSubmatch(body, -1) {
		if description.Components.Schemas[found[1]] == nil {
			t.Errorf("there is no schema %s", found[1])
		}
	}
}
