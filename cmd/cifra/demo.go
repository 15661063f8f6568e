package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"text/tabwriter"
	"time"

	"cifra"
	"cifra/lab"
	"cifra/lab/upstream"
	"cifra/store"
)

// demoCommand is what a presenter needs.
type demoCommand struct {
	Seed     demoSeed     `cmd:"" help:"Make the cache lab's example data, where there is none yet."`
	Reset    demoReset    `cmd:"" help:"Put the example data in the place of what was changed."`
	Run      demoRun      `cmd:"" help:"Run the presenter's six steps against a running server."`
	Upstream demoUpstream `cmd:"" help:"Stand in for the universities' service, for halls without a network."`
}

type demoSeed struct{}

// Run makes the example data.
func (demoSeed) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		if _, err := db.Migrate(env.ctx); err != nil {
			return err
		}
		added, err := db.AddExample(env.ctx, store.Example(lab.NewExample(time.Now())))
		if err != nil {
			return err
		}
		said := "the example data is there already; demo reset makes it anew"
		if added {
			said = "made the example data"
		}
		_, err = fmt.Fprintln(env.out, said)
		return err
	})
}

type demoReset struct{}

// Run makes the example data anew.
func (demoReset) Run(env *environment) error {
	return withStore(env, func(db *store.DB) error {
		if _, err := db.Migrate(env.ctx); err != nil {
			return err
		}
		a := cifra.Audit{Username: "command line", Action: cifra.ActionReset, At: time.Now().UTC()}
		if err := db.ResetExample(env.ctx, store.Example(lab.NewExample(time.Now())), a); err != nil {
			return err
		}
		_, err := fmt.Fprintln(env.out, "made the example data anew; what servers remember of it is forgotten within five minutes")
		return err
	})
}

type demoUpstream struct {
	Listen string `default:"127.0.0.1:8091" help:"Address to listen on."`
}

// Run serves until the context ends.
func (cmd *demoUpstream) Run(env *environment) error {
	l, err := (&net.ListenConfig{}).Listen(env.ctx, "tcp", cmd.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", cmd.Listen, err)
	}
	if _, err := fmt.Fprintf(env.out, "CIFRA_UNIVERSITIES_URL=http://%s/search\n", l.Addr()); err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: upstream.New(), ReadHeaderTimeout: headerTimeout}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("upstream: %w", err)
	case <-env.ctx.Done():
		return server.Close()
	}
}

type demoRun struct {
	URL   []string `default:"http://127.0.0.1:8080" help:"Where the server is; of several, each step asks the next."`
	Check bool     `help:"Fail where something else came than was expected."`
	JSON  bool     `help:"Print a JSON line for each step." name:"json"`
}

// shownStep is what a server says of a step.
type shownStep struct {
	Step     int     `json:"step"`
	OK       bool    `json:"ok"`
	Question string  `json:"question"`
	Instance string  `json:"instance"`
	Factor   float64 `json:"factor"`
	Calls    int     `json:"calls"`
	Loads    int     `json:"loads"`
	Answers  []struct {
		What       string               `json:"what"`
		Source     cifra.Source         `json:"source"`
		Expected   bool                 `json:"expected"`
		Provenance cifra.WireProvenance `json:"provenance"`
	} `json:"answers"`
}

// stepTime is how long a step may take.
const stepTime = 30 * time.Second

// Run does the steps, and says what came.
func (cmd *demoRun) Run(env *environment) error {
	w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
	question, wrong := "", 0
	for n := 1; n <= cifra.ShowSteps; n++ {
		base := cmd.URL[(n-1)%len(cmd.URL)]
		step, raw, err := doStep(env.ctx, base, n, question)
		if err != nil {
			return fmt.Errorf("step %d at %s: %w", n, base, err)
		}
		question = step.Question
		if !step.OK {
			wrong++
		}
		if cmd.JSON {
			if _, err := fmt.Fprintf(env.out, "%s\n", bytes.TrimSpace(raw)); err != nil {
				return err
			}
			continue
		}
		if err := step.print(w); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if cmd.Check && wrong > 0 {
		return fmt.Errorf("%d of %d steps did not bring what was expected", wrong, cifra.ShowSteps)
	}
	return nil
}

func doStep(ctx context.Context, base string, n int, question string) (*shownStep, []byte, error) {
	ctx, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	body, err := json.Marshal(map[string]string{"question": question})
	if err != nil {
		return nil, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/present/"+strconv.Itoa(n), bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, nil, err
	}
	if res.StatusCode == http.StatusUnauthorized {
		return nil, nil, errors.New("the server is no demo: start it with CIFRA_DEMO=true")
	}
	if res.StatusCode != http.StatusOK {
		var p struct {
			Detail string `json:"detail"`
		}
		_ = json.Unmarshal(raw, &p) // what is no problem document has only its status
		return nil, nil, fmt.Errorf("%s: %s", res.Status, p.Detail)
	}
	step := new(shownStep)
	return step, raw, json.Unmarshal(raw, step)
}

func (s *shownStep) print(w io.Writer) error {
	mark := func(ok bool) string {
		if ok {
			return "as expected"
		}
		return "NOT EXPECTED"
	}
	for _, a := range s.Answers {
		said := mark(a.Expected)
		if !a.Expected && a.Provenance.Reason != "" {
			said += ": " + a.Provenance.Reason
		}
		if _, err := fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%.3f ms\t%s\n", s.Step, a.What, a.Source, a.Provenance.Outcome, a.Provenance.TookMS, said); err != nil {
			return err
		}
	}
	switch {
	case s.Calls > 0:
		_, err := fmt.Fprintf(w, "%d\t%d calls\t%d computed\t\t\t%s\n", s.Step, s.Calls, s.Loads, mark(s.OK))
		return err
	case s.Factor > 0:
		_, err := fmt.Fprintf(w, "%d\t%.0f times faster\t\t\t\t\n", s.Step, s.Factor)
		return err
	}
	return nil
}
