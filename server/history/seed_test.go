package history

import (
	"flag"
	"os"
	"testing"
)

var seedAgain uint64

func TestMain(m *testing.M) {
	flag.Uint64Var(&seedAgain, "history.seed", 0, "run randomised tests with this seed alone")
	flag.Parse()
	os.Exit(m.Run())
}
