package main

import (
	"errors"
	"regexp"
	"strconv"

	"github.com/expr-lang/expr/file"
)

// fault is an error with the place that it speaks of, where it names one; lines count from 1, columns from 0 in
// templates and expressions alike, as text/template has them.
type fault struct {
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`
	Column  *int   `json:"column,omitempty"`
}

var templatePlace = regexp.MustCompile(`^template: .*?:(\d+)(?::(\d+))?: `)

// failed is the result for an error, or for the fact whose absence is behind it.
func failed(err error) result {
	var missing *missingFact
	if errors.As(err, &missing) {
		return result{Missing: missing}
	}
	told := &fault{Message: err.Error()}
	var place *file.Error
	if errors.As(err, &place) {
		told.Line, told.Column = place.Line, &place.Column
		return result{Error: told}
	}
	if found := templatePlace.FindStringSubmatch(told.Message); found != nil {
		told.Line, _ = strconv.Atoi(found[1])
		if column, err := strconv.Atoi(found[2]); err == nil {
			told.Column = &column
		}
	}
	return result{Error: told}
}
