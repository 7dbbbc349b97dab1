package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

// request is the first line of a call of the host: what to do with one text, for each of the data that are the lines
// after it. Each is read on its own, so one that can't be read leaves the others as they are.
type request struct {
	// Task is "render", "evaluate", "compileTemplate" or "compileExpression".
	Task string `json:"task"`
	// Use names the set of functions: a key of uses.
	Use string `json:"use"`
	// Name stands in messages for the text.
	Name string `json:"name"`
	Text string `json:"text"`
	// Options are those of text/template, such as missingkey=error.
	Options []string `json:"options"`
	// Facts are what functions have asked the host for before.
	Facts []fact `json:"facts"`
	// Seed and Time replace randomness and the clock.
	Seed string    `json:"seed"`
	Time time.Time `json:"time"`
	// MaxOutput is the number of bytes that the results may have together, as JSON.
	MaxOutput int `json:"maxOutput"`
}

// result is the outcome for one of the data: exactly one field is set, none for a text that compiles.
type result struct {
	Output  *string         `json:"output,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	Error   *fault          `json:"error,omitempty"`
	Missing *missingFact    `json:"missing,omitempty"`
}

// call is what functions may know of the request that they run in.
type call struct {
	name   string
	facts  []fact
	random *rand.Rand
	now    time.Time
}

// running is the call that functions belong to. Parsed templates are kept with their functions, so these find their
// call here; the program runs one at a time, and each of the data has one of its own.
var running *call

// handle carries out a call and gives its results, a line of JSON each.
func handle(text []byte) []byte {
	running = &call{}
	lines := bytes.Split(text, []byte("\n"))
	var asked request
	if err := json.Unmarshal(lines[0], &asked); err != nil {
		return refused(fmt.Errorf("request can't be read: %w", err))
	}
	task, known := tasks[asked.Task]
	if !known {
		return refused(fmt.Errorf("task %q is not known", asked.Task))
	}
	var results bytes.Buffer
	for index, data := range lines[1:] {
		running = newCall(&asked, index)
		start := results.Len()
		room := max(0, asked.MaxOutput-start)
		encode(&results, guarded(func() result { return task(&asked, data, room) }))
		if results.Len()-start > room {
			results.Truncate(start)
			encode(&results, failed(errTooLong))
		}
	}
	running = nil
	return results.Bytes()
}

// encode adds a result as a line of JSON. What JSON can't carry, such as a value nested too deep, is an error instead.
func encode(results *bytes.Buffer, outcome result) {
	start := results.Len()
	encoder := json.NewEncoder(results)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(outcome); err != nil {
		results.Truncate(start)
		_ = encoder.Encode(failed(fmt.Errorf("result can't be written: %w", err)))
	}
}

// refused is the reply to a request that can't be carried out for any of its data.
func refused(err error) []byte {
	var results bytes.Buffer
	encode(&results, failed(err))
	return results.Bytes()
}

// newCall gives each of the data a stream of its own, so that equal ones get different random values and the same
// request always gets the same.
func newCall(asked *request, index int) *call {
	return &call{
		name:   asked.Name,
		facts:  asked.Facts,
		random: newRandom(asked.Seed, index),
		now:    asked.Time,
	}
}

var tasks = map[string]func(*request, []byte, int) result{
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
func readData(data []byte) (any, error) {
	var value any
	if len(data) == 0 {
		return nil, fmt.Errorf("data can't be read: nested too deep or too large")
	}
	if err := json.Unmarshal(data, &value); err != nil {
		return nil, fmt.Errorf("data can't be read: %w", err)
	}
	return value, nil
}
