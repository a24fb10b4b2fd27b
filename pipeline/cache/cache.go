// Package cache keeps the outputs of actions, named by what they were made
// from: an action ID leads to output IDs, and an output ID to bytes.
package cache
