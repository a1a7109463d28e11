// Package planted holds a fault for each detector that the tests rely on; detectors_test.go sees to it that they are found.
package planted

import (
	"sync"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"
)

func TestRace(t *testing.T) {
	var workers sync.WaitGroup
	shared := 0
	for range 2 {
		workers.Go(func() { shared++ })
	}
	workers.Wait()
	t.Log(shared)
}

func TestLeak(t *testing.T) {
	defer goleak.VerifyNone(t)
	go func() { select {} }()
}

func TestDeadlock(t *testing.T) {
	synctest.Test(t, func(*testing.T) { <-make(chan int) })
}
