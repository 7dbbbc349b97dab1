package main

import (
	"errors"
	"strings"
	"text/template"
)

var errTooLong = errors.New("output is too long; make the template write less")

// writer is an output that ends where the room for it does.
type writer struct {
	text strings.Builder
	room int
}

func (w *writer) Write(part []byte) (int, error) {
	if len(part) > w.room-w.text.Len() {
		return 0, errTooLong
	}
	return w.text.Write(part)
}

func render(asked *request, data []byte, room int) result {
	parsed, err := parsedTemplate(asked)
	if err != nil {
		return failed(err)
	}
	value, err := readData(data)
	if err != nil {
		return failed(err)
	}
	output := writer{room: room}
	if err := parsed.Execute(&output, uses[asked.Use].variables(value)); err != nil {
		return failed(err)
	}
	text := output.text.String()
	return result{Output: &text}
}

func compileTemplate(asked *request, _ []byte, _ int) result {
	if _, err := parsedTemplate(asked); err != nil {
		return failed(err)
	}
	return result{}
}

// parsedTemplate finds a template that an earlier request has parsed, or parses it.
func parsedTemplate(asked *request) (*template.Template, error) {
	key := keyOf(append([]string{asked.Use, asked.Name, asked.Text}, asked.Options...)...)
	return templates.get(key, func() (*template.Template, error) {
		return template.New(asked.Name).Funcs(functionsOf(asked.Use)).Option(asked.Options...).Parse(asked.Text)
	})
}
