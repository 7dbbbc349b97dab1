package main

import (
	"strconv"
	"strings"
	"text/template"

	"github.com/expr-lang/expr/vm"
)

// What a parsed text takes is estimated from above: the table of functions that each template has of its own, and
// nodes, of which two bytes of text can make one. So nobody's texts fill the memory that others' calls need.
const (
	fixedWeight   = 32 << 10
	weightPerByte = 100
	maxWeight     = 48 << 20
)

// cache keeps what was parsed by its text. It is emptied when it is full: what is in use comes back with its next call.
type cache[T any] struct {
	kept   map[string]T
	weight int
}

var (
	templates   cache[*template.Template]
	expressions cache[*vm.Program]
)

func (c *cache[T]) get(key string, parse func() (T, error)) (T, error) {
	if kept, ok := c.kept[key]; ok {
		return kept, nil
	}
	weight := fixedWeight + weightPerByte*len(key)
	if c.kept == nil || c.weight+weight > maxWeight {
		c.kept, c.weight = map[string]T{}, 0
	}
	parsed, err := parse()
	if err == nil && weight <= maxWeight {
		c.kept[key] = parsed
		c.weight += weight
	}
	return parsed, err
}

// keyOf is a text for parts, whatever characters they have; other parts have another one.
func keyOf(parts ...string) string {
	var key strings.Builder
	for _, part := range parts {
		key.WriteString(strconv.Itoa(len(part)) + ":" + part)
	}
	return key.String()
}
