package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// fact is something that only the host knows: the value of a function for some arguments.
type fact struct {
	Name  string          `json:"name"`
	Args  []string        `json:"args"`
	Value json.RawMessage `json:"value"`
	// Error says why the host could not get it.
	Error string `json:"error"`
}

// missingFact ends a run: the host gets what it names and runs again.
type missingFact struct {
	Name string   `json:"name"`
	Args []string `json:"args"`
}

func (m *missingFact) Error() string { return "fact " + m.Name + " is missing" }

// maxArgument is longer than any revision or name that a fact is about.
const maxArgument = 1000

// find reads a fact into a value, or ends the run with its name.
func find(value any, name string, args ...string) error {
	for _, argument := range args {
		if len(argument) > maxArgument {
			return fmt.Errorf("%s: argument is longer than %d bytes", name, maxArgument)
		}
	}
	for _, known := range running.facts {
		if known.Name != name || !slices.Equal(known.Args, args) {
			continue
		}
		if known.Error != "" {
			return fmt.Errorf("%s: %s", name, known.Error)
		}
		if err := json.Unmarshal(known.Value, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	return &missingFact{Name: name, Args: slices.Clip(append([]string{}, args...))}
}

// commitMetadata is what templates and expressions know of a commit.
type commitMetadata struct {
	Message string
	Author  string
	Date    time.Time
	Tags    []string
}

func commitMetadataOf(revision string) (commitMetadata, error) {
	var found commitMetadata
	err := find(&found, "repo.GetCommitMetadata", revision)
	return found, err
}

// applicationDetails is what the sources of the application say of themselves.
type applicationDetails struct {
	Type      string
	Helm      *helmDetails
	Kustomize map[string]any
	Directory map[string]any
}

type helmDetails struct {
	Name           string
	ValueFiles     []string
	Parameters     []helmParameter
	Values         string
	FileParameters []helmFileParameter
}

type helmParameter struct {
	Name        string
	Value       string
	ForceString bool
}

type helmFileParameter struct {
	Name string
	Path string
}

// GetParameterValueByName is the value of a parameter, or nothing.
func (d helmDetails) GetParameterValueByName(name string) string {
	for _, parameter := range d.Parameters {
		if parameter.Name == name {
			return parameter.Value
		}
	}
	return ""
}

// GetFileParameterPathByName is the path of a file parameter, or nothing.
func (d helmDetails) GetFileParameterPathByName(name string) string {
	for _, parameter := range d.FileParameters {
		if parameter.Name == name {
			return parameter.Path
		}
	}
	return ""
}

func detailsOfApplication() (applicationDetails, error) {
	var found applicationDetails
	err := find(&found, "repo.GetAppDetails")
	return found, err
}
