package main

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"math/rand/v2"
	"slices"
	"text/template"
	"time"
)

// newRandom is the stream of random numbers of one of the data of a request.
func newRandom(seed string, index int) *rand.Rand {
	return rand.New(rand.NewChaCha8(sha256.Sum256(binary.LittleEndian.AppendUint64([]byte(seed), uint64(index)))))
}

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
)

// repeatable are sprig's functions that would differ from run to run: random ones take the call's stream, what
// walks over a map does so in the order of its keys, and the time is the call's (Go's own also carries how long the
// program has been running).
var repeatable = template.FuncMap{
	"now":          func() time.Time { return running.now },
	"randAlphaNum": randomText(letters + digits),
	"randAlpha":    randomText(letters),
	"randNumeric":  randomText(digits),
	"randAscii":    randomText(printable()),
	"randInt":      func(from, to int) int { return from + running.random.IntN(to-from) },
	"shuffle":      shuffled,
	"keys":         sortedKeys,
	"values":       valuesByKey,
}

func printable() string {
	characters := make([]byte, 0, 95)
	for character := byte(' '); character <= '~'; character++ {
		characters = append(characters, character)
	}
	return string(characters)
}

func randomText(alphabet string) func(count int) string {
	return func(count int) string {
		text := make([]byte, count)
		for index := range text {
			text[index] = alphabet[running.random.IntN(len(alphabet))]
		}
		return string(text)
	}
}

func shuffled(text string) string {
	characters := []rune(text)
	running.random.Shuffle(len(characters), func(i, j int) {
		characters[i], characters[j] = characters[j], characters[i]
	})
	return string(characters)
}

func sortedKeys(dictionaries ...map[string]any) []string {
	keys := []string{}
	for _, dictionary := range dictionaries {
		keys = append(keys, slices.Sorted(maps.Keys(dictionary))...)
	}
	return keys
}

func valuesByKey(dictionary map[string]any) []any {
	values := []any{}
	for _, key := range slices.Sorted(maps.Keys(dictionary)) {
		values = append(values, dictionary[key])
	}
	return values
}
