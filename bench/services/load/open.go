package main

import (
	"math"
	"slices"
	"sync"
	"time"
)

const (
	goodWithin = time.Second
	mostAtOnce = 8192 // clients that wait; what finds none is offered and not answered
)

type outcome struct {
	code int
	took time.Duration
}

// open sends at a constant rate; a time counts from the moment a request was planned for, so that a request that is
// late because of those before it is not taken for a fast one (no coordinated omission).
func open(given settings) error {
	one, expected, err := operationOf(given, client(mostAtOnce))
	if err != nil {
		return err
	}
	offered := int(given.rate * given.length.Seconds())
	outcomes := make(chan outcome, offered)
	free := make(chan struct{}, mostAtOnce)
	var group sync.WaitGroup
	begun := time.Now()
	for number := range offered {
		planned := begun.Add(time.Duration(float64(number) / given.rate * float64(time.Second)))
		time.Sleep(time.Until(planned))
		select {
		case free <- struct{}{}:
		default:
			continue
		}
		group.Go(func() {
			code, err := one()
			if err == nil {
				outcomes <- outcome{code, time.Since(planned)}
			}
			<-free
		})
	}
	group.Wait()
	close(outcomes)
	return say(summary(offered, given.length, expected, outcomes))
}

func summary(offered int, length time.Duration, expected int, outcomes <-chan outcome) map[string]float64 {
	var times []float64
	good, answered := 0, 0
	for each := range outcomes {
		answered++
		if each.code != expected {
			continue
		}
		times = append(times, each.took.Seconds())
		if each.took <= goodWithin {
			good++
		}
	}
	slices.Sort(times)
	said := map[string]float64{
		"offered": float64(offered), "answered": float64(answered), "right": float64(len(times)),
		"goodput": float64(good) / length.Seconds(),
	}
	for name, share := range map[string]float64{"p50": 0.5, "p99": 0.99, "p999": 0.999} {
		if len(times) > 0 {
			said[name] = times[int(math.Ceil(share*float64(len(times))))-1]
		}
	}
	return said
}
