package main

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

func evaluate(asked *request, data []byte, _ int) result {
	program, err := compiledExpression(asked)
	if err != nil {
		return failed(err)
	}
	value, err := readData(data)
	if err != nil {
		return failed(err)
	}
	found, err := vm.Run(program, uses[asked.Use].variables(value))
	if err != nil {
		return failed(err)
	}
	text, err := json.Marshal(found)
	if err != nil {
		return failed(fmt.Errorf("expression gives a value that is no data: %w", err))
	}
	if depthOf(text) > maxDepth {
		return failed(fmt.Errorf("expression gives a value that is nested deeper than %d", maxDepth))
	}
	return result{Value: text}
}

// maxDepth is what every program that walks over a value can walk over; real ones are nested ten deep.
const maxDepth = 500

// depthOf is how deep lists and objects are nested in a text of JSON.
func depthOf(text []byte) int {
	depth, deepest, inString := 0, 0, false
	for at := 0; at < len(text); at++ {
		switch character := text[at]; {
		case inString && character == '\\':
			at++
		case character == '"':
			inString = !inString
		case inString:
		case character == '[' || character == '{':
			depth++
			deepest = max(deepest, depth)
		case character == ']' || character == '}':
			depth--
		}
	}
	return deepest
}

func compileExpression(asked *request, _ []byte, _ int) result {
	if _, err := compiledExpression(asked); err != nil {
		return failed(err)
	}
	return result{}
}

func compiledExpression(asked *request) (*vm.Program, error) {
	return expressions.get(asked.Text, func() (*vm.Program, error) { return expr.Compile(asked.Text, givenTime) })
}

// givenTime replaces the function now, whose values also carry how long the program has been running.
var givenTime = expr.Function("now", func(...any) (any, error) { return running.now, nil }, new(func() time.Time))
