package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// request is one call of the host: what to do with one text, for each of the data given.
type request struct {
	// Task is "render", "evaluate", "compileTemplate" or "compileExpression".
	Task string `json:"task"`
	// Use names the set of functions: a key of uses.
	Use string `json:"use"`
	// Name stands in messages for the text.
	Name string `json:"name"`
	Text string `json:"text"`
	// Options are those of text/template, such as missingkey=error.
	Options []string          `json:"options"`
	Data    []json.RawMessage `json:"data"`
	// Facts are what functions have asked the host for before.
	Facts []fact `json:"facts"`
	// Seed and Time replace randomness and the clock.
	Seed string    `json:"seed"`
	Time time.Time `json:"time"`
	// MaxOutput is the number of bytes that the outputs may have together.
	MaxOutput int `json:"maxOutput"`
}

// result is the outcome for one of the data: exactly one field is set, none for a text that compiles.
type result struct {
	Output  *string         `json:"output,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	Error   *fault          `json:"error,omitempty"`
	Missing *missingFact    `json:"missing,omitempty"`
}

type reply struct {
	Results []result `json:"results"`
}

// call is what functions may know of the request that they run in.
type call struct {
	facts  []fact
	random *rand.Rand
	now    time.Time
}

// running is the call that functions belong to. Parsed templates are kept with their functions, so these find their
// call here; the program runs one at a time, and each of the data has one of its own.
var running *call

func handle(text []byte) reply {
	var asked request
	if err := json.Unmarshal(text, &asked); err != nil {
		return reply{[]result{{Error: &fault{Message: "request can't be read: " + err.Error()}}}}
	}
	task, known := tasks[asked.Task]
	if !known {
		return reply{[]result{{Error: &fault{Message: fmt.Sprintf("task %q is not known", asked.Task)}}}}
	}
	if len(asked.Data) == 0 {
		asked.Data = []json.RawMessage{json.RawMessage("null")}
	}
	out := &limitedOutput{left: asked.MaxOutput}
	results := make([]result, 0, len(asked.Data))
	for index, data := range asked.Data {
		running = newCall(&asked, index)
		results = append(results, guarded(func() result { return task(&asked, data, out) }))
	}
	running = nil
	return reply{results}
}

// newCall gives each of the data a stream of its own, so that equal ones get different random values and the same
// request always gets the same.
func newCall(asked *request, index int) *call {
	return &call{
		facts:  asked.Facts,
		random: newRandom(asked.Seed, index),
		now:    asked.Time,
	}
}

var tasks = map[string]func(*request, json.RawMessage, *limitedOutput) result{
	"render":            render,
	"evaluate":          evaluate,
	"compileTemplate":   compileTemplate,
	"compileExpression": compileExpression,
}

// guarded turns a panic of a function, a template option or a task into that result's error.
func guarded(run func() result) (outcome result) {
	defer func() {
		if reason := recover(); reason != nil {
			outcome = failed(asError(reason))
		}
	}()
	return run()
}

func asError(reason any) error {
	if err, ok := reason.(error); ok {
		return err
	}
	return fmt.Errorf("%v", reason)
}

// readData reads the values that a template sees: objects are maps, numbers float64, as the reference reads them.
func readData(data json.RawMessage) (any, error) {
	var value any
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("data can't be read: %w", err)
	}
	return value, nil
}
