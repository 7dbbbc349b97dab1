package main

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/expr-lang/expr/file"
)

// fault is an error with the place that it speaks of, where it names one; lines count from 1, columns from 0 in
// templates and expressions alike, as text/template has them.
type fault struct {
	Message string `json:"message"`
	Line    int    `json:"line,omitempty"`
	Column  *int   `json:"column,omitempty"`
}

// templatePlace follows the name of the template.
var templatePlace = regexp.MustCompile(`^(\d+)(?::(\d+))?: `)

// maxMessage keeps what a template says of itself, such as the text of a fail, from filling records of the host.
const maxMessage = 4000

func messageOf(err error) string {
	text := err.Error()
	if len(text) <= maxMessage {
		return text
	}
	return strings.ToValidUTF8(text[:maxMessage], "") + "…"
}

// failed is the result for an error, or for the fact whose absence is behind it.
func failed(err error) result {
	var missing *missingFact
	if errors.As(err, &missing) {
		return result{Missing: missing}
	}
	told := &fault{Message: messageOf(err)}
	var place *file.Error
	if errors.As(err, &place) {
		told.Line, told.Column = place.Line, &place.Column
		return result{Error: told}
	}
	rest, named := strings.CutPrefix(told.Message, "template: "+running.name+":")
	if found := templatePlace.FindStringSubmatch(rest); named && found != nil {
		told.Line, _ = strconv.Atoi(found[1])
		if column, err := strconv.Atoi(found[2]); err == nil {
			told.Column = &column
		}
	}
	return result{Error: told}
}
