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
		{0.04, "retraining", p.retrain}, // of which comes the version that is promoted later
		{0.15, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.22, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.29, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.36, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.43, "redis killed", p.end("redis", syscall.SIGKILL)},
		{0.50, "postgres killed", p.end("postgres", syscall.SIGKILL)},
		{0.62, "promotion", p.promote},
		{0.74, "instance killed", p.end("app1", syscall.SIGKILL)},
		{0.86, "instance told to stop", p.end("app2", syscall.SIGTERM)},
	} {
		pause(ctx, time.Until(began.Add(time.Duration(step.at*float64(p.length)))))
		if ctx.Err() != nil {
			return errors.Join(append(errs, errors.New("the time was over before the plan"))...)
		}
		p.phase(step.phase)
		fmt.Fprintf(os.Stderr, "load: %4.0f s: %s\n", time.Since(began).Seconds(), step.phase)
		if err := step.do(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", step.phase, err))
		}
		if step.phase != "retraining" { // which goes on
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
	status, b, err := p.call(ctx, http.MethodPost, "/admin/retrain", p.admin, "application/json", []byte(`{"model":"v2","promote":false}`))
	if err != nil || status != http.StatusAccepted {
		return fmt.Errorf("%d %s %w", status, b, err)
	}
	return nil
}

// promote has another version of v2 serve: the one of the retraining, for which it waits. Where that gives none, it fails:
// promoting what serves already would prove nothing.
func (p *plan) promote(ctx context.Context) error {
	for {
		other, err := p.anotherVersion(ctx)
		if err != nil {
			return err
		}
		if other == "" {
			pause(ctx, time.Second)
			if ctx.Err() != nil {
				return errors.New("the retraining gave no other version in this time")
			}
			continue
		}
		status, b, err := p.call(ctx, http.MethodPost, "/api/v1/admin/models/"+other+"/promote", p.admin, "application/json", []byte(`{"reason":"load test"}`))
		if err != nil || status >= 300 {
			return fmt.Errorf("promote %s: %d %s %w", other, status, b, err)
		}
		p.promoted.Store(&promotion{other, time.Now()})
		return nil
	}
}

// anotherVersion returns a version of v2 that doesn't serve, "" where there is none.
func (p *plan) anotherVersion(ctx context.Context) (string, error) {
	status, b, err := p.call(ctx, http.MethodGet, "/api/v1/admin/models", p.admin, "", nil)
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("models: %d %s %w", status, b, err)
	}
	var list struct {
		Items []struct {
			ID       string `json:"id"`
			Model    string `json:"model"`
			Champion bool   `json:"champion"`
		} `json:"items"`
	}
	if err := json.Unmarshal(b, &list); err != nil {
		return "", err
	}
	for _, m := range list.Items {
		if m.Model == "v2" && !m.Champion {
			return m.ID, nil
		}
	}
	return "", nil
}
