package prep

import (
	"fmt"
	"strings"
	"testing"
)

// TestTogetherPanicsInItsCaller holds that no panic of a part can end the program behind the caller's back, and that the others
// are waited for.
func TestTogetherPanicsInItsCaller(t *testing.T) {
	other := false
	defer func() {
		if got := fmt.Sprint(recover()); !strings.Contains(got, "broken pixels") || !strings.Contains(got, "together_test.go") {
			t.Errorf("got %q, want the panic and where it was", got)
		}
		if !other {
			t.Error("the other part was not waited for")
		}
	}()
	together(func() { panic("broken pixels") }, func() { other = true })
	t.Error("got no panic")
}
