//go:build race

package pectest_test

// raceDetector makes the largest tests smaller, which it slows down tenfold.
const raceDetector = true
