// Command bench runs cifra's cache beside its peers, on the operations that docs/cache.md holds it to, in one run:
//
//	make bench-cache
//
// All contenders of an operation take turns in short rounds, the first one between any two others, and what is shown is
// the median of their rounds in processor time, and that of their ratios to the first one's neighbouring rounds. So a
// machine whose speed changes slows both sides of a ratio alike, and the ratios hold where the times don't.
// It needs a Redis of its own in TEST_REDIS_URL; scripts/services starts one.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// peer is a library under comparison. A nil field means that it has no such operation.
type peer struct {
	name string
	// hit fills a cache in memory with sample under all keys, and returns what reads one.
	hit func(e *env) (func(k string), error)
	// remote fills Redis with sample under all keys, and returns what reads one from there and decodes it.
	remote func(e *env) (func(k string), error)
	// loading returns a cache that loads what it lacks, and what removes a key.
	loading func(e *env) (get getter, remove func(k string), err error)
}

// getter returns the value of k, remembered or made by load.
type getter func(k string, load func() (string, error)) (string, error)

// peers are those that were compiled in, see peers.sh. Each file adds its own.
var peers []peer

func add(p peer) struct{} {
	peers = append(peers, p)
	return struct{}{}
}

// names are all that are to be compared, whether they could be downloaded or not.
var names = []string{
	"otter v2", "ristretto v2", "theine", "samber/hot", "sturdyc", "eko/gocache", "go-redis/cache", "jetcache-go", "rueidis",
	"rueidisaside",
}

func run(ctx context.Context) error {
	e, err := newEnv(ctx)
	if err != nil {
		return err
	}
	defer e.close()
	for _, op := range []struct {
		title string
		run   func(*env) ([]row, error)
	}{
		{"A hit in memory, beside otter's GetIfPresent (processor time of the thread)", (*env).hits},
		{"A hit in Redis, beside GET and json.Unmarshal (processor time of the process)", (*env).remoteHits},
		{"A miss with a loader that does nothing, in Redis", (*env).misses},
		{"1,000 callers of one cold key, the loader takes 50 ms", (*env).stampedes},
		{"A slow loader against an invalidation: what does the next caller get?", (*env).races},
		{"Removing 100,000 keys from Redis, beside 100,000 foreign ones", (*env).flushes},
	} {
		rows, err := op.run(e)
		if err != nil {
			return fmt.Errorf("%s: %w", op.title, err)
		}
		show(op.title, rows)
	}
	var missing []string
	for _, name := range names {
		if !compiled(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		fmt.Println("\nmissing, since they could not be downloaded:", strings.Join(missing, ", "))
	}
	return nil
}

func compiled(name string) bool {
	for _, p := range peers {
		if p.name == name {
			return true
		}
	}
	return name == "otter v2"
}

// row is one line of a table: a name and what was found, in the columns of the first row.
type row []string

func show(title string, rows []row) {
	fmt.Printf("\n%s\n\n", title)
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', 0)
	for _, r := range rows {
		fmt.Fprintln(w, "  "+strings.Join(r, "\t"))
	}
	_ = w.Flush()
}
