module github.com/gopec/gopec

go 1.26.0

require (
	github.com/beevik/etree v1.8.1 // indirect
	github.com/emersion/go-message v0.18.2 // indirect
	github.com/rogpeppe/go-internal v1.16.0 // indirect
	github.com/stretchr/testify v1.12.1 // indirect
	go.mozilla.org/pkcs7 v0.10.0 // indirect
	go.yaml.in/yaml/v3 v3.0.5 // indirect
	golang.org/x/crypto v0.58.0 // indirect
)
