// Package archtest holds the architecture as tests: which room may import
// which, which outside library lives in which room, and which calls may be
// made only in one place. It has no code of its own; start at the law in
// law_test.go.
package archtest
