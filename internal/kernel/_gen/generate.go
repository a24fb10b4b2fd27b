// Package gen writes the assembly of package kernel. It is a module of its own
// so that the program never depends on the generator. To write the files again,
//
//	cd internal/kernel/_gen && go generate .
//
// which is deterministic: with nothing changed, git diff shows nothing.
package gen

//go:generate go run ./fc -pkg kernel -out ../fc_amd64.s -stubs ../fc_amd64.go
//go:generate go run ./sls -pkg kernel -out ../sls_amd64.s -stubs ../sls_amd64.go
//go:generate go run ./vector -pkg kernel -out ../vector_amd64.s -stubs ../vector_amd64.go
