// Package conformance holds tests only: they compare the requests of package
// inipec and the answers of its fakes with the OpenAPI documents of the
// services, by github.com/getkin/kin-openapi. It is a module of its own so
// that nobody else depends on that.
package conformance
