package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"syscall"
	"time"

	"cifra/scripts/servers"
)

// plan is what is broken when, in shares of the whole time.
type plan struct {
	*traffic

	state  string
	length time.Duration
}

// aftermath is how long a fault's phase lasts.
const aftermath = 8 * time.Second

func (p *plan) run(ctx context.Context) error {
	began := time.Now()
	var errs []error
	for _, step := range []struct {
		at    float64
		phase string
		do    func(context.Context) error
	}{
		{0.05, "steady", nil},
		{0.15, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.22, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.29, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.36, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.43, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.52, "postgres killed", p.end("postgres", syscall.SIGKILL)},
		{0.62, "instance killed", p.end("app1", syscall.SIGKILL)},
		{0.72, "instance told to stop", p.end("app2", syscall.SIGTERM)},
		{0.80, "retraining", p.retrain},
		{0.90, "promotion", p.promote},
	} {
		pause(ctx, time.Until(began.Add(time.Duration(step.at*float64(p.length)))))
		if ctx.Err() != nil {
			return errors.Join(append(errs, errors.New("the time was over before the plan"))...)
		}
		p.phase(step.phase)
		if step.do == nil {
			continue
		}
		fmt.Fprintf(os.Stderr, "load: %4.0f s: %s\n", time.Since(began).Seconds(), step.phase)
		if err := step.do(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", step.phase, err))
		}
		if step.phase != "retraining" && step.phase != "promotion" {
			pause(ctx, aftermath)
			p.phase("steady")
		}
	}
	<-ctx.Done()
	return errors.Join(errs...)
}

// end sends a signal to one of the cluster's processes.
func (p *plan) end(name string, signal syscall.Signal) func(context.Context) error {
	return func(context.Context) error {
		s, err := servers.ReadState(p.state)
		if err != nil {
			return err
		}
		pid := s.Processes[name].PID
		if pid <= 1 {
			return fmt.Errorf("%s is down already", name)
		}
		return syscall.Kill(pid, signal)
	}
}

func (p *plan) retrain(ctx context.Context) error {
	status, b, err := p.call(ctx, http.MethodPost, "/admin/retrain", p.admin, "application/json", []byte(`{"model":"v1","promote":false}`))
	if err != nil || status != http.StatusAccepted {
		return fmt.Errorf("%d %s %w", status, b, err)
	}
	return nil
}

// promote has another version of v2 serve: an older one where there is any, else what serves is promoted anew.
func (p *plan) promote(ctx context.Context) error {
	status, b, err := p.call(ctx, http.MethodGet, "/api/v1/admin/models", p.admin, "", nil)
	if err != nil || status != http.StatusOK {
		return fmt.Errorf("models: %d %s %w", status, b, err)
	}
	var list struct {
		Items []struct {
			ID      string `json:"id"`
			Model   string `json:"model"`
			Serving bool   `json:"serving"`
		} `json:"items"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return err
	}
	other := ""
	for _, m := range list.Items {
		if m.Model == "v2" && (other == "" || !m.Serving) {
			other = m.ID
		}
	}
	if other == "" {
		return errors.New("there is no version of v2")
	}
	status, b, err = p.call(ctx, http.MethodPost, "/api/v1/admin/models/"+other+"/promote", p.admin, "application/json", []byte(`{"reason":"load test"}`))
	if err != nil || status >= 300 {
		return fmt.Errorf("promote %s: %d %s %w", other, status, b, err)
	}
	p.promoted.Store(&promotion{other, time.Now()})
	return nil
}
