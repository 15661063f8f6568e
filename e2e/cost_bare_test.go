package e2e

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/klauspost/compress/gzhttp"
	"github.com/labstack/echo/v4" //nolint:depguard // the bare handler, against which the site is held

	"cifra/e2e/harness"
)

// bareAddress, where it is set, makes this test's program the handler that the site is held against.
const bareAddress = "CIFRA_E2E_BARE"

// barePage is where it finds the list that it serves: the site's own, so that both send and compress the same bytes.
const barePage = "CIFRA_E2E_BARE_PAGE"

const list = "/api/v1/products?per_page=100"

// bare serves what a programmer would write in ten minutes: it reads the upload, checks the token, hashes the bytes and
// answers; and a list of 10 KB out of memory. It keeps nothing, writes no log and counts nothing.
func bare(address string) error {
	key := []byte(os.Getenv("CIFRA_SECRET"))
	page, err := os.ReadFile(os.Getenv(barePage))
	if err != nil {
		return err
	}
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	signedIn := func(c echo.Context) error {
		text := strings.TrimPrefix(c.Request().Header.Get("Authorization"), "Bearer ")
		_, err := jwt.Parse(text, func(*jwt.Token) (any, error) { return key, nil }, jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired())
		return err
	}
	e.POST("/api/v2/predict", func(c echo.Context) error {
		if err := signedIn(c); err != nil {
			return echo.ErrUnauthorized
		}
		header, err := c.FormFile("file")
		if err != nil {
			return err
		}
		f, err := header.Open()
		if err != nil {
			return err
		}
		defer f.Close()
		content, err := io.ReadAll(f)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		return c.JSON(http.StatusOK, map[string]any{"hash": hex.EncodeToString(sum[:]), "name": header.Filename, "prediccion": 7})
	})
	e.GET("/page", func(c echo.Context) error {
		if err := signedIn(c); err != nil {
			return echo.ErrUnauthorized
		}
		return c.JSONBlob(http.StatusOK, page)
	})
	return http.ListenAndServe(address, gzhttp.GzipHandler(e))
}

// startBare starts the bare handler as a process of its own.
func startBare(t *testing.T, secret string, page []byte) (url string, pid int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "page.json")
	if err := os.WriteFile(file, page, 0o600); err != nil {
		t.Fatal(err)
	}
	port, err := harness.FreePort(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + port
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = []string{bareAddress + "=" + address, barePage + "=" + file, "CIFRA_SECRET=" + secret}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = cmd.Wait() // it was killed
	})
	for began := time.Now(); ; {
		c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = c.Close() // only whether it listens
			return "http://" + address, cmd.Process.Pid
		}
		if time.Since(began) > 30*time.Second {
			t.Fatal(err)
		}
	}
}
