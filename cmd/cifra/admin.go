package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"cifra"
	"cifra/auth"
	"cifra/i18n"
	"cifra/store"
)

// adminCommand manages accounts.
type adminCommand struct {
	Create        adminCreate   `cmd:"" help:"Make an account for an admin."`
	SetRole       adminRole     `cmd:"" help:"Make a user an admin, or an admin a user."`
	ResetPassword adminPassword `cmd:"" help:"Give an account a new password."`
}

type passwordFlag struct {
	PasswordStdin bool `help:"Read the password from the first line of standard input."`
}

type adminCreate struct {
	passwordFlag
	Name string `arg:"" help:"The account's name."`
}

type adminRole struct {
	Name string `arg:"" help:"The account's name."`
	Role string `arg:"" enum:"user,admin" help:"user or admin."`
}

type adminPassword struct {
	passwordFlag
	Name string `arg:"" help:"The account's name."`
}

// Run makes an account for an admin.
func (cmd *adminCreate) Run(env *environment) error {
	return withAccounts(env, func(_ *store.DB, a *auth.Service) error {
		password, err := cmd.password(env)
		if err != nil {
			return err
		}
		u, err := a.AddAdmin(env.ctx, cmd.Name, password)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "%s is an admin\n", u.Username)
		return err
	})
}

// Run changes an account's role.
func (cmd *adminRole) Run(env *environment) error {
	return withAccounts(env, func(db *store.DB, _ *auth.Service) error {
		u, err := db.UserByName(env.ctx, cmd.Name)
		if err != nil {
			return err
		}
		err = db.SetRole(env.ctx, u.ID, cifra.Role(cmd.Role), cifra.Audit{
			Username: "command line", Action: cifra.ActionRole, Details: "name=" + u.Username + " role=" + cmd.Role, At: time.Now().UTC(),
		})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "%s has the role %s\n", u.Username, cmd.Role)
		return err
	})
}

// Run gives an account a new password; who signed in with the old one is out.
func (cmd *adminPassword) Run(env *environment) error {
	return withAccounts(env, func(_ *store.DB, a *auth.Service) error {
		password, err := cmd.password(env)
		if err != nil {
			return err
		}
		if err := a.SetPassword(env.ctx, cmd.Name, password); err != nil {
			return err
		}
		_, err = fmt.Fprintf(env.out, "%s has a new password\n", cmd.Name)
		return err
	})
}

// withAccounts opens the database, brings it up to date, and runs one command on it. What it refuses is said in English.
func withAccounts(env *environment, do func(*store.DB, *auth.Service) error) error {
	return withStore(env, func(db *store.DB) error {
		if _, err := db.Migrate(env.ctx); err != nil {
			return err
		}
		key, err := secret(env.settings)
		if err != nil {
			return err
		}
		jwt, err := jwtSecret(env.settings)
		if err != nil {
			return err
		}
		keys, err := auth.NewKeys(key, jwt)
		if err != nil {
			return &usageError{err}
		}
		log := slog.New(slog.NewTextHandler(env.err, &slog.HandlerOptions{Level: slog.LevelWarn}))
		accounts := auth.New(auth.Deps{
			Users: db, Tokens: db, Personal: db, Setup: db, Roster: db, Hasher: auth.NewHasher(auth.HasherOptions{}),
			Throttle: auth.NewThrottle(nil, time.Now, log), Keys: keys, Now: time.Now, Log: log,
		})
		env.ctx = cifra.WithActor(env.ctx, cifra.Actor{Guest: "command line"})
		return inWords(do(db, accounts))
	})
}

// inWords says a refusal in English, field by field, for the terminal.
func inWords(err error) error {
	var known *cifra.Error
	if err == nil || !errors.As(err, &known) {
		return err
	}
	words, werr := i18n.New()
	if werr != nil {
		return errors.Join(err, werr)
	}
	p := words.Printer(i18n.English)
	said := []string{}
	for _, name := range []string{"username", "password"} {
		if field, ok := known.Fields[name]; ok {
			said = append(said, p.Error(field))
		}
	}
	if len(said) == 0 {
		said = append(said, p.Error(known))
	}
	return errors.New(strings.Join(said, " "))
}

// password reads a password from the terminal, twice and unseen, or from standard input.
func (f passwordFlag) password(env *environment) (string, error) {
	if f.PasswordStdin {
		line, err := bufio.NewReader(io.LimitReader(env.in, 1<<10)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	in, ok := env.in.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", &usageError{errors.New("no terminal to ask for the password: use --password-stdin")}
	}
	first, err := ask(env, in, "Password: ")
	if err != nil {
		return "", err
	}
	second, err := ask(env, in, "Again: ")
	if err != nil {
		return "", err
	}
	if first != second {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

func ask(env *environment, in *os.File, prompt string) (string, error) {
	if _, err := fmt.Fprint(env.err, prompt); err != nil {
		return "", err
	}
	b, err := term.ReadPassword(int(in.Fd()))
	if err != nil {
		return "", fmt.Errorf("password: %w", err)
	}
	_, err = fmt.Fprintln(env.err)
	return string(b), err
}
