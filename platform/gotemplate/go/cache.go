package main

import (
	"text/template"

	"github.com/expr-lang/expr/vm"
)

// Texts are kept up to this size together; an installation has some hundred templates of a few kB.
const maxCachedBytes = 4 << 20

// cache keeps what was parsed by its text. It is emptied when it is full: what is in use comes back with its next call.
type cache[T any] struct {
	kept map[string]T
	size int
}

var (
	templates   cache[*template.Template]
	expressions cache[*vm.Program]
)

func (c *cache[T]) get(key string, parse func() (T, error)) (T, error) {
	if kept, ok := c.kept[key]; ok {
		return kept, nil
	}
	parsed, err := parse()
	if err != nil {
		return parsed, err
	}
	if c.kept == nil || c.size+len(key) > maxCachedBytes {
		c.kept, c.size = map[string]T{}, 0
	}
	c.kept[key] = parsed
	c.size += len(key)
	return parsed, nil
}
