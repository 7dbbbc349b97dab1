package main

import (
	"encoding/json"
	"fmt"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
)

func evaluate(asked *request, data json.RawMessage, out *limitedOutput) result {
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
	if len(text) > out.left {
		return failed(errTooLong)
	}
	out.left -= len(text)
	return result{Value: text}
}

func compileExpression(asked *request, _ json.RawMessage, _ *limitedOutput) result {
	if _, err := compiledExpression(asked); err != nil {
		return failed(err)
	}
	return result{}
}

func compiledExpression(asked *request) (*vm.Program, error) {
	return expressions.get(asked.Text, func() (*vm.Program, error) { return expr.Compile(asked.Text) })
}
