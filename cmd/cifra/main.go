// Command cifra is the site, and the tools around it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// settingsGroup marks the flags that may also come from the environment.
const settingsGroup = "settings"

// commands is the command line.
type commands struct {
	Settings `embed:"" group:"settings"`

	Serve       serveCommand       `cmd:"" default:"1" help:"Migrate, then serve the site."`
	Worker      workerCommand      `cmd:"" help:"Run retraining alone, without the site."`
	Model       modelCommand       `cmd:"" help:"List, promote and roll back models."`
	Migrate     migrateCommand     `cmd:"" help:"Bring the database's tables up, down, or tell where they are."`
	Backup      backupCommand      `cmd:"" help:"Copy a SQLite database into a new file while it is used."`
	Admin       adminCommand       `cmd:"" help:"Manage accounts from the command line."`
	Predict     predictCommand     `cmd:"" help:"Read digits from picture files, one JSON line each."`
	Evaluate    evaluateCommand    `cmd:"" help:"Measure a model on labelled images."`
	Train       trainCommand       `cmd:"" help:"Train a model's weights from MNIST."`
	Memory      memoryCommand      `cmd:"" help:"Make what retraining holds on to, after the embedded weights changed."`
	Demo        demoCommand        `cmd:"" help:"What a presenter needs: example data, the show, a stand-in for another service."`
	Config      configCommand      `cmd:"" help:"Print every setting, its value and where it came from."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running server whether it is well."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// Exit codes: 0 done, 1 failed, 2 used wrongly.
const (
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Getenv, os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(exitCode(err, os.Stderr))
}

// exitCode tells err on w and returns the code for it.
func exitCode(err error, w io.Writer) int {
	var usage *usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		_, _ = fmt.Fprintf(w, "cifra: %v\nTry: cifra --help\n", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintf(w, "cifra: %v\n", err)
		return exitFailed
	}
}

// usageError is a command line, or a setting, that makes no sense.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

// errHelp ends the parsing after the help was printed.
var errHelp = errors.New("help was printed")

// environment is what a command gets besides its flags.
type environment struct {
	ctx      context.Context //nolint:containedctx // lives as long as one command, which is one call
	settings *Settings
	from     sources
	lines    []settingLine // all settings, as people may see them
	in       io.Reader
	out, err io.Writer
}

// run is the program; tests start it with values of their own.
func run(ctx context.Context, args []string, getenv func(string) string, in io.Reader, out, errw io.Writer) error {
	var c commands
	from := sources{}
	values, err := resolver(getenv, from)
	if err != nil {
		return &usageError{err}
	}
	parser, err := kong.New(&c,
		kong.Name("cifra"),
		kong.Description("Reads handwritten digits, and says of every answer where it came from."),
		kong.Writers(out, errw),
		kong.Resolvers(values),
		kong.Exit(func(int) { panic(errHelp) }),
		kong.ExplicitGroups([]kong.Group{{Key: settingsGroup, Title: "Settings (each also as CIFRA_…; see cifra config)"}}),
	)
	if err != nil {
		return fmt.Errorf("command line: %w", err)
	}
	parsed, err := parse(parser, args)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return &usageError{err}
	}
	for _, p := range parsed.Path {
		if p.Flag != nil && !p.Resolved {
			from[p.Flag.Name] = "flag"
		}
	}
	c.Settings.complete()
	return parsed.Run(&environment{ctx: ctx, settings: &c.Settings, from: from, lines: settingLines(parser, from), in: in, out: out, err: errw})
}

// parse reads the command line. kong ends the program after --help through its exit function, which here panics with
// errHelp, so that run can return instead.
func parse(parser *kong.Kong, args []string) (ctx *kong.Context, err error) {
	defer func() {
		if r := recover(); r != nil {
			if r != errHelp { //nolint:errorlint // this very value
				panic(r)
			}
			err = errHelp
		}
	}()
	return parser.Parse(args)
}
