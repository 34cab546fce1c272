module github.com/gopec/gopec/inipec

go 1.26.0

replace github.com/gopec/gopec => ../

require (
	github.com/go-jose/go-jose/v4 v4.1.8
	github.com/gopec/gopec v0.0.0-00010101000000-000000000000
)

require (
	github.com/stretchr/testify v1.12.1
	go.yaml.in/yaml/v3 v3.0.5 // indirect
)
