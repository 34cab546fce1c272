//go:build !race

package pectest_test

const raceDetector = false
