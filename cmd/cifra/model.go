package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"text/tabwriter"
	"time"

	"cifra"
	"cifra/store"
	"cifra/train"
)

// modelCommand is for the versions of the models. Running servers follow within a second.
type modelCommand struct {
	List     modelList     `cmd:"" help:"List the versions, the champions first."`
	Promote  modelPromote  `cmd:"" help:"Make a version the one that serves."`
	Rollback modelRollback `cmd:"" help:"Go back to the version that served before."`
}

type modelList struct {
	JSON bool `help:"Print JSON." name:"json"`
}

type modelPromote struct {
	ID     string `arg:"" help:"The version, such as v2-0a1b2c3d."`
	Reason string `help:"Why; needed where no gate let it pass."`
}

type modelRollback struct {
	Model  string `default:"v2" enum:"v1,v2" help:"v1 or v2."`
	Reason string `help:"Why." required:""`
}

// listedModel is a version as cifra model list tells it.
type listedModel struct {
	ID        string             `json:"id"`
	Model     cifra.API          `json:"model"`
	Champion  bool               `json:"champion"`
	Parent    string             `json:"parent,omitempty"`
	By        string             `json:"by"`
	SHA256    string             `json:"sha256"`
	CreatedAt time.Time          `json:"created_at"`
	Metrics   map[string]float64 `json:"metrics,omitempty"`
}

// Run lists the versions of both APIs.
func (cmd *modelList) Run(env *environment) error {
	return withModels(env, func(m *train.Models) error {
		var all []listedModel
		for _, api := range []cifra.API{cifra.V2, cifra.V1} {
			list, err := m.List(env.ctx, api)
			if err != nil {
				return err
			}
			for _, s := range list {
				v := s.Version
				all = append(all, listedModel{v.ID, v.API, s.Champion, v.Parent, v.By, v.SHA256, v.CreatedAt, v.Metrics})
			}
		}
		if cmd.JSON {
			enc := json.NewEncoder(env.out)
			enc.SetIndent("", "  ")
			return enc.Encode(all)
		}
		w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
		for _, v := range all {
			mark := ""
			if v.Champion {
				mark = "champion"
			}
			if _, err := fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", v.ID, mark, v.CreatedAt.Format(time.DateTime), v.By, v.Parent); err != nil {
				return err
			}
		}
		return w.Flush()
	})
}

// Run promotes a version.
func (cmd *modelPromote) Run(env *environment) error {
	return withModels(env, func(m *train.Models) error {
		if err := m.Promote(env.ctx, cmd.ID, cmd.Reason); err != nil {
			return err
		}
		_, err := fmt.Fprintf(env.out, "%s serves\n", cmd.ID)
		return err
	})
}

// Run rolls back.
func (cmd *modelRollback) Run(env *environment) error {
	if cmd.Reason == "" {
		return &usageError{errors.New("--reason must say why")}
	}
	return withModels(env, func(m *train.Models) error {
		id, err := m.Rollback(env.ctx, cifra.API(cmd.Model), cmd.Reason)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "%s serves\n", id)
		return err
	})
}

// withModels opens the database, brings it up to date, and runs one command on its models. What it refuses is said in English.
func withModels(env *environment, do func(*train.Models) error) error {
	return withStore(env, func(db *store.DB) error {
		if _, err := db.Migrate(env.ctx); err != nil {
			return err
		}
		m := &train.Models{Versions: db, Labels: db, Now: time.Now, Log: slog.New(slog.NewTextHandler(env.err, nil))}
		if err := m.Enrol(env.ctx); err != nil {
			return err
		}
		env.ctx = cifra.WithActor(env.ctx, cifra.Actor{Guest: "command line"})
		return inWords(do(m))
	})
}
