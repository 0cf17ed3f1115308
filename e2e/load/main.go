// Command load makes people type into a server that speaks ShareDB's protocol, and measures it. It works with any such
// server, so that several can be measured by the same program:
//
//	go run ./e2e/load -url 'ws://127.0.0.1:8080/ws/{document}' -scenario hot -people 32 -seconds 10 -pid 4711
//
// "{document}" in the address is replaced by each document's name. A run ends by checking that all copies of each document
// are equal and have every edit, and prints one line of JSON (see Result).
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"time"
)

// Options say what is done to which server.
type Options struct {
	URL       string
	Scenario  string
	Documents int
	People    int // of each document; in "fanout" the readers, to whom one writer is added
	// Rate is how many edits a second each writer makes; 0 means the next when the one before is acknowledged.
	Rate    float64
	Seconds float64
	// Edits is how long the history is that "open" opens, and how much is done apart in "offline".
	Edits int
	// Document is the document that "open" opens, "" to make one; Opens is how often.
	Document string
	Opens    int
	// Process is the server's process, for its processor time and memory; 0 where that is not known.
	Process int
}

func main() {
	var o Options
	flag.StringVar(&o.URL, "url", "ws://127.0.0.1:8080/ws/{document}", "address of a document's socket")
	flag.StringVar(&o.Scenario, "scenario", "hot", "hot, many, fanout, idle, storm, offline or open")
	flag.IntVar(&o.Documents, "documents", 1, "how many documents")
	flag.IntVar(&o.People, "people", 32, "how many people in each document")
	flag.Float64Var(&o.Rate, "rate", 0, "edits per second of each writer; 0: the next when the one before is acknowledged")
	flag.Float64Var(&o.Seconds, "seconds", 10, "how long to measure")
	flag.IntVar(&o.Edits, "edits", 10_000, "how many edits before or apart, in open and offline")
	flag.StringVar(&o.Document, "document", "", "the document to open, in open; by default a new one is made")
	flag.IntVar(&o.Opens, "opens", 51, "how often to open it")
	flag.IntVar(&o.Process, "pid", 0, "the server's process, to measure its processor time and memory")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	result, err := run(ctx, o)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	line, err := json.Marshal(result)
	if err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
	fmt.Println(string(line))
}

// patience is how long anything may take that is not measured.
const patience = 2 * time.Minute
