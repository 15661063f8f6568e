package prep

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
)

// TestDecodesWaitForASlot holds both slots and sees a third upload wait, give up, and go ahead once one is free.
func TestDecodesWaitForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := New(Options{})
		if got := cap(p.slots); got != 2 {
			t.Fatalf("got %d decodes at once, want 2", got)
		}
		p.slots <- struct{}{}
		p.slots <- struct{}{}
		content := []byte("GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() {
			_, err := p.Prepare(ctx, content)
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("got an answer (%v) while both slots were taken", err)
		default:
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		<-p.slots
		if _, err := p.Prepare(t.Context(), content); err != nil {
			t.Errorf("with a free slot: got %v, want none", err)
		}
		if got := len(p.slots); got != 1 {
			t.Errorf("got %d slots taken at the end, want the 1 that the test holds", got)
		}
	})
}
