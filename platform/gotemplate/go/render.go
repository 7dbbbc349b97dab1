package main

import (
	"encoding/json"
	"errors"
	"strings"
	"text/template"
)

// limitedOutput counts what all outputs of a request have in common: the room that is left.
type limitedOutput struct{ left int }

var errTooLong = errors.New("output is too long; make the template write less")

// writer is one output within the limit.
type writer struct {
	text  strings.Builder
	limit *limitedOutput
}

func (w *writer) Write(part []byte) (int, error) {
	if len(part) > w.limit.left {
		return 0, errTooLong
	}
	w.limit.left -= len(part)
	return w.text.Write(part)
}

func render(asked *request, data json.RawMessage, out *limitedOutput) result {
	parsed, err := parsedTemplate(asked)
	if err != nil {
		return failed(err)
	}
	value, err := readData(data)
	if err != nil {
		return failed(err)
	}
	output := writer{limit: out}
	if err := parsed.Execute(&output, uses[asked.Use].variables(value)); err != nil {
		return failed(err)
	}
	text := output.text.String()
	return result{Output: &text}
}

func compileTemplate(asked *request, _ json.RawMessage, _ *limitedOutput) result {
	if _, err := parsedTemplate(asked); err != nil {
		return failed(err)
	}
	return result{}
}

// parsedTemplate finds a template that an earlier request has parsed, or parses it.
func parsedTemplate(asked *request) (*template.Template, error) {
	key := strings.Join(append([]string{asked.Use, asked.Name, asked.Text}, asked.Options...), "\x00")
	return templates.get(key, func() (*template.Template, error) {
		return template.New(asked.Name).Funcs(functionsOf(asked.Use)).Option(asked.Options...).Parse(asked.Text)
	})
}
