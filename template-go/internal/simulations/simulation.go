// Package simulations estimates pi by drawing points: CPU-bound work, as an example of how to run such work.
package simulations

import "context"

// xorshift64* of Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled" (2016).
const (
	shiftA, shiftB, shiftC = 12, 25, 27
	multiplier             = 0x2545F4914F6CDD1D

	stateBits   = 64
	keptBits    = 53 // as many as fit into a float64, from the top, the best ones
	droppedBits = stateBits - keptBits
	scale       = 1.0 / (1 << keptBits) // makes them a number from 0 to below 1
	checkEvery  = 10_000                // points between two looks at the context
)

// countInside draws points in the unit square and counts those inside the quarter circle. It ends early with ctx.
func countInside(ctx context.Context, iterations int32, seed int64) (int64, error) {
	var inside int64
	state := uint64(seed)
	for i := range iterations {
		if i%checkEvery == 0 && ctx.Err() != nil {
			return 0, context.Cause(ctx)
		}
		x := draw(&state)
		y := draw(&state)
		if float64(x*x)+float64(y*y) <= 1 { // the conversions keep the compiler from fusing, which rounds otherwise
			inside++
		}
	}
	return inside, nil
}

func draw(state *uint64) float64 {
	s := *state
	s ^= s >> shiftA
	s ^= s << shiftB
	s ^= s >> shiftC
	*state = s
	return float64((s*multiplier)>>droppedBits) * scale
}
