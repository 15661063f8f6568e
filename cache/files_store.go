package cache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// path is where key's file is. Keys of one namespace share a folder.
func (b *fileBack) path(key string) string {
	group, _, _ := strings.Cut(strings.TrimPrefix(key, "{"), "}")
	sum := sha256.Sum256([]byte(key))
	return filepath.Join(b.dir, strings.ReplaceAll(group, ":", "@"), hex.EncodeToString(sum[:]))
}

func (b *fileBack) get(key string) ([]byte, error) {
	data, err := os.ReadFile(b.path(key))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case len(data) < 8 || int64(binary.BigEndian.Uint64(data)) <= b.c.clock.now(): //nolint:gosec // written by put
		return nil, nil
	}
	return data[8:], nil
}

// put replaces key's file in one step, so that a reader finds the old or the new one.
func (b *fileBack) put(key string, value []byte, until int64) error {
	path := b.path(key)
	f, err := os.CreateTemp(b.dir, "new-")
	if err != nil {
		return err
	}
	data := append(binary.BigEndian.AppendUint64(make([]byte, 0, 8+len(value)), uint64(until)), value...) //nolint:gosec // a time
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		if err = os.Rename(f.Name(), path); errors.Is(err, fs.ErrNotExist) {
			err = errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Rename(f.Name(), path))
		}
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (b *fileBack) drop(key string) error {
	if err := os.Remove(b.path(key)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}
