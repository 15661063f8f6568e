package harness

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
)

// Build builds the program of the project at root into dir, as `make build` does, and returns its path.
func Build(ctx context.Context, root, dir string) (string, error) {
	bin := filepath.Join(dir, "cifra")
	cmd := exec.CommandContext(ctx, "go", "build", "-ldflags=-s -w", "-o", bin, "./cmd/cifra")
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build ./cmd/cifra: %w\n%s", err, out)
	}
	return bin, nil
}
