module github.com/gopec/gopec/inipec/inipectest/conformance

go 1.26.0

replace (
	github.com/gopec/gopec => ../../../
	github.com/gopec/gopec/inipec => ../../
)

require (
	github.com/getkin/kin-openapi v0.152.0
	github.com/gopec/gopec v0.0.0-00010101000000-000000000000
	github.com/gopec/gopec/inipec v0.0.0-00010101000000-000000000000
	github.com/stretchr/testify v1.12.1
)

require (
	github.com/go-jose/go-jose/v4 v4.1.8 // indirect
	github.com/go-openapi/jsonpointer v0.22.5 // indirect
	github.com/go-openapi/swag/jsonname v0.25.5 // indirect
	github.com/gorilla/mux v1.8.0 // indirect
	github.com/kr/pretty v0.3.1 // indirect
	github.com/oasdiff/yaml v0.1.1 // indirect
	github.com/oasdiff/yaml3 v0.0.14 // indirect
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/text v0.14.0 // indirect
)
