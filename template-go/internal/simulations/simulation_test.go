package simulations

import (
	"context"
	"errors"
	"testing"
)

// TestCheckValues holds the numbers that the service gives in every language for the same seeds.
func TestCheckValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		iterations int32
		seed       int64
		inside     int64
	}{
		{1, 1, 1},
		{1000, 42, 798},
		{20_000, 1<<53 - 1, 15693},
		{12_345, 987_654_321, 9695},
	} {
		inside, err := countInside(t.Context(), c.iterations, c.seed)
		if inside != c.inside || err != nil {
			t.Errorf("%d points from seed %d: %d inside, not %d (%v)", c.iterations, c.seed, inside, c.inside, err)
		}
	}
}

// TestTheFirstDraws holds the generator to the paper's formula, worked out by hand for seed 1:
// 1 ^ 1>>12 = 1; ^ 1<<25 = 0x2000001; ^ >>27 = 0x2000001; times the multiplier, modulo 2^64.
func TestTheFirstDraws(t *testing.T) {
	t.Parallel()
	state := uint64(1)
	got := draw(&state)
	if state != 0x2000001 {
		t.Errorf("the state is %#x", state)
	}
	product := uint64(0x2000001)
	product *= multiplier
	if want := float64(product>>11) / (1 << 53); got != want {
		t.Errorf("the draw is %v, not %v", got, want)
	}
}

func TestTheCountEndsWithItsContext(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(gone)
	if _, err := countInside(ctx, 20_000_000, 1); !errors.Is(err, gone) {
		t.Errorf("the count ended with %v", err)
	}
}

func BenchmarkCount(b *testing.B) {
	for b.Loop() {
		if _, err := countInside(b.Context(), 1_000_000, 42); err != nil {
			b.Fatal(err)
		}
	}
}
