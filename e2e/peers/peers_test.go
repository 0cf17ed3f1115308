// Package peers measures Quire beside stock ShareDB, with the same load in the same run. Quire writes every edit to the disk
// before it acknowledges it; ShareDB keeps its documents in memory and loses them when it ends.
package peers

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quire-editor/quire/e2e/quire"
)

var (
	compareFlag = flag.Bool("compare", false, "measure Quire beside ShareDB, and print a table")
	rounds      = flag.Int("rounds", 3, "rounds of each measurement")
	seconds     = flag.Int("seconds", 8, "how long each round of typing is measured")
	only        = flag.String("only", "", "measure only rows whose name contains this")
)

// TestComparePeers prints how Quire does beside ShareDB.
//
//	go test ./e2e/peers -run ComparePeers -compare -v -timeout 60m
//
// Servers have the first processor for themselves and the load the second, where the machine has two. Each row is measured
// in rounds by turns, with servers that were just started; a cell is the median of its rounds. Every run of the load ends by
// checking that nothing was lost and all copies are equal.
func TestComparePeers(t *testing.T) {
	if !*compareFlag {
		t.Skip("run with -compare to measure")
	}
	b := &bench{t: t, folder: t.TempDir()}
	b.build()
	rows := []string{"| what | Quire | ShareDB | ratio | bar |", "|---|---|---|---|---|"}
	for _, row := range b.rows() {
		if strings.Contains(row.name, *only) {
			t.Run(row.name, func(t *testing.T) { rows = append(rows, b.measure(t, row)) })
		}
	}
	t.Logf("one fsync of this disk: %s\n%s", b.fsync(), strings.Join(rows, "\n"))
}

// row is one line of the table: a load, and what is read off its results.
type row struct {
	name string
	args []string
	// value is what is compared, in unit; larger is better if more says so.
	value func(result) float64
	unit  string
	more  bool
	// bar bounds the ratio of Quire's value to ShareDB's, from below if more is better and else from above.
	bar float64
}

// result is what the load printed.
type result struct {
	EditsPerSecond  float64 `json:"editsPerSecond"`
	CPUPerEdit      float64 `json:"cpuPerEditMicroseconds"`
	CPUPerDelivered float64 `json:"cpuPerDeliveredMicroseconds"`
	CPU             float64 `json:"cpuSeconds"`
	Memory          float64 `json:"memoryPerConnection"`
	AckMedian       float64 `json:"ackMedianMs"`
	Ack99           float64 `json:"ack99Ms"`
	Median          float64 `json:"medianMs"`
	Document        string  `json:"document"`
	Converged       bool    `json:"converged"`
}

func (b *bench) rows() []row {
	s := []string{"-seconds", strconv.Itoa(*seconds)}
	load := func(scenario string, documents, people int, more ...string) []string {
		return slices.Concat([]string{"-scenario", scenario, "-documents", strconv.Itoa(documents), "-people", strconv.Itoa(people)}, s, more)
	}
	hot, many := load("hot", 1, 32), load("many", 200, 2)
	steady, readers := load("many", 200, 2, "-rate", "5"), load("fanout", 1, 1000, "-rate", "10")
	return []row{
		{"hot document, 32 people: edits per second", hot, func(r result) float64 { return r.EditsPerSecond }, "", true, 12},
		{"same: CPU per delivered edit", hot, func(r result) float64 { return r.CPUPerDelivered }, "µs", false, 1. / 12},
		{"200 documents x 2 people: edits per second", many, func(r result) float64 { return r.EditsPerSecond }, "", true, 3.5},
		{"200 x 2 people at 5 keys a second: CPU per edit", steady, func(r result) float64 { return r.CPUPerEdit }, "µs", false, 0.7},
		{"same: 99 of 100 acknowledged within", steady, func(r result) float64 { return r.Ack99 }, "ms", false, 0},
		{"1 writer at 10 a second, 1,000 readers: CPU per delivered edit", readers, func(r result) float64 { return r.CPUPerDelivered }, "µs", false, 0.6},
		{"5,000 idle connections on 1,000 documents: memory each", load("idle", 1000, 5, "-seconds", "15"), func(r result) float64 { return r.Memory / 1000 }, "kB", false, 0},
		{"reconnect storm of 2,000: all back after", load("storm", 200, 10), func(r result) float64 { return r.Median }, "ms", false, 0},
	}
}

// bench has what was built and where.
type bench struct {
	t           *testing.T
	folder      string
	quire, load string
	runs        int
	// results are those of loads already run, by server and arguments: several rows read one.
	results map[string][]result
}

func (b *bench) build() {
	b.quire = quire.Build(b.t)
	b.load = filepath.Join(b.folder, "load")
	b.results = map[string][]result{}
	if out, err := exec.Command("go", "build", "-o", b.load, "../load").CombinedOutput(); err != nil {
		b.t.Fatalf("build the load: %v\n%s", err, out)
	}
}

func (b *bench) measure(t *testing.T, row row) string {
	key := strings.Join(row.args, " ")
	for i := len(b.results["quire "+key]); i < *rounds; i++ {
		b.results["quire "+key] = append(b.results["quire "+key], b.run(t, b.startQuire(t), row.args...))
		b.results["sharedb "+key] = append(b.results["sharedb "+key], b.run(t, b.startShareDB(t), row.args...))
	}
	ours, theirs := row.median(b.results["quire "+key]), row.median(b.results["sharedb "+key])
	bar := "-"
	switch {
	case row.more:
		bar = fmt.Sprintf("at least %.3g", row.bar)
	case row.bar > 0:
		bar = fmt.Sprintf("at most %.3g", row.bar)
	}
	return fmt.Sprintf("| %s | %.4g %s | %.4g %s | %.3g | %s |", row.name, ours, row.unit, theirs, row.unit, ours/theirs, bar)
}

func (r row) median(results []result) float64 {
	values := make([]float64, len(results))
	for i := range results {
		values[i] = r.value(results[i])
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// server is one that runs.
type server struct {
	url string
	pid int
	// stop kills it, end asks it to end.
	stop, end func()
}

// run runs the load once against a server, and stops the server.
func (b *bench) run(t *testing.T, s server, args ...string) result {
	t.Helper()
	defer s.stop()
	return b.runLoad(t, s, args...)
}

func (b *bench) runLoad(t *testing.T, s server, args ...string) result {
	t.Helper()
	args = append([]string{"-url", s.url, "-pid", strconv.Itoa(s.pid)}, args...)
	load := exec.Command(b.load, args...)
	load.Stderr = os.Stderr
	pin(load, 1)
	out, err := load.Output()
	var r result
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil || !r.Converged {
		t.Fatalf("load %v: %v\n%s", args, err, out)
	}
	t.Logf("%s", out)
	return r
}

// pin has a command run on one processor alone, where there are two and taskset is installed.
func pin(cmd *exec.Cmd, processor int) {
	if taskset, err := exec.LookPath("taskset"); err == nil {
		cmd.Args = append([]string{taskset, "-c", strconv.Itoa(processor), cmd.Path}, cmd.Args[1:]...)
		cmd.Path = taskset
	}
}

func (b *bench) startQuire(t *testing.T) server {
	t.Helper()
	b.runs++
	return b.startQuireOn(t, filepath.Join(b.folder, fmt.Sprintf("data-%d", b.runs)))
}

func (b *bench) startQuireOn(t *testing.T, data string) server {
	t.Helper()
	cmd := exec.Command(b.quire, "serve", "--listen", "127.0.0.1:0", "--data", data, "--log-level", "error")
	return start(t, cmd, regexp.MustCompile(`http://(\S+)`), "/ws/{document}")
}

func (b *bench) startShareDB(t *testing.T) server {
	t.Helper()
	if out, err := exec.Command("node", "-e", "require('sharedb')").CombinedOutput(); err != nil {
		t.Skipf("ShareDB is not installed; run npm --prefix e2e ci (%v: %.200s)", err, out)
	}
	return start(t, exec.Command("node", "sharedb.js", "0"), regexp.MustCompile(`ws://(\S+?)/`), "/")
}

// start runs a server until it says where it listens.
func start(t *testing.T, cmd *exec.Cmd, says *regexp.Regexp, path string) server {
	t.Helper()
	pin(cmd, 0)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	address := says.FindStringSubmatch(line)
	if address == nil {
		t.Fatalf("the server said %q (%v)", line, err)
	}
	stop := func(with os.Signal) func() {
		return func() {
			_ = cmd.Process.Signal(with)
			_ = cmd.Wait() // a killed process reports that it was
		}
	}
	return server{"ws://" + address[1] + path, cmd.Process.Pid, stop(os.Kill), stop(os.Interrupt)}
}

// fsync is the median time that one fsync of a page takes here.
func (b *bench) fsync() time.Duration {
	f, err := os.Create(filepath.Join(b.folder, "fsync"))
	if err != nil {
		b.t.Fatal(err)
	}
	defer f.Close()
	took := make([]time.Duration, 200)
	page := make([]byte, 4096)
	for i := range took {
		if _, err := f.WriteAt(page, 0); err != nil {
			b.t.Fatal(err)
		}
		begin := time.Now()
		if err := f.Sync(); err != nil {
			b.t.Fatal(err)
		}
		took[i] = time.Since(begin)
	}
	slices.Sort(took)
	return took[len(took)/2]
}
