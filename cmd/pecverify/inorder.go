package main

import (
	"context"
	"iter"
	"sync"
)

// ahead is how many inputs a worker has before it, at most: so many that a
// message larger than its neighbours, or a pause of whoever reads the results,
// leaves no worker without work.
const ahead = 8

// inOrder does work on every input, up to workers at a time, and yields the
// results in the order of the inputs. At most ahead*workers inputs are taken
// before the result that is waited for is there, so that a slow first one costs
// bounded memory.
//
// source is iterated in a goroutine of its own. When the consumer stops, the
// context that source and work were given is canceled, and inOrder returns once
// they have.
func inOrder[T, R any](ctx context.Context, workers int, source func(context.Context) iter.Seq[T], work func(context.Context, T) R) iter.Seq[R] {
	return func(yield func(R) bool) {
		ctx, cancel := context.WithCancel(ctx)
		var running sync.WaitGroup
		defer running.Wait()
		defer cancel()

		type job struct {
			input  T
			result chan R // takes one result without anybody waiting
		}
		jobs := make(chan job, ahead*workers)
		pending := make(chan job, ahead*workers) // in order
		stop := make(chan struct{})
		defer close(stop)

		running.Go(func() {
			defer close(pending)
			defer close(jobs)
			for input := range source(ctx) {
				j := job{input, make(chan R, 1)}
				select {
				case pending <- j:
				case <-stop:
					return
				}
				select {
				case jobs <- j:
				case <-stop:
					return
				}
			}
		})
		for range workers {
			running.Go(func() {
				for j := range jobs {
					j.result <- work(ctx, j.input)
				}
			})
		}
		for j := range pending {
			if !yield(<-j.result) {
				return
			}
		}
	}
}
