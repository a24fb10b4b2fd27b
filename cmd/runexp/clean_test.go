package main

import (
	"testing"
	"time"
)

func TestAgesAndSizes(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 0, "30d": 720 * time.Hour, "1.5d": 36 * time.Hour, "90m": 90 * time.Minute, "0d": 0,
		"-1d": -1, "d": -1, "3": -1, "1000000d": -1, "1y": -1,
	} {
		if got, err := parseAge(text); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("age %q: %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]int64{
		"0": 0, "500MB": 5e8, "500mb": 5e8, "2G": 2e9, "1.5kB": 1500, "7B": 7, "3tb": 3e12,
		"": -1, "MB": -1, "-1GB": -1, "1e30": -1, "nan": -1, "big": -1,
	} {
		if got, err := parseSize(text); (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("size %q: %v, %v", text, got, err)
		}
	}
}
