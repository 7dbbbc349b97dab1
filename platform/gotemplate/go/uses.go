package main

import (
	"maps"
	"net/url"
	"text/template"

	"github.com/Masterminds/sprig/v3"
)

// use is what templates and expressions of one purpose may call and see.
type use struct {
	// functions beside sprig's.
	functions template.FuncMap
	// variables of a run: the data, and what the purpose adds to it.
	variables func(data any) any
}

// uses are the purposes that the reference has, each with its own set.
var uses = map[string]use{
	"applicationSet": {
		functions: template.FuncMap{
			"normalize":     normalize,
			"slugify":       slugify,
			"toYaml":        toYaml,
			"fromYaml":      fromYaml,
			"fromYamlArray": fromYamlArray,
		},
		variables: dataAlone,
	},
	"notification": {variables: withNotificationHelpers},
	"deepLink":     {variables: dataAlone},
}

// hidden are sprig's functions that would tell of the machine or reach out of it.
var hidden = []string{"env", "expandenv", "getHostByName"}

// shared are sprig's functions without the hidden ones; those that depend on the call are laid over them.
var shared = func() template.FuncMap {
	functions := sprig.TxtFuncMap()
	for _, name := range hidden {
		delete(functions, name)
	}
	return functions
}()

func functionsOf(purpose string) template.FuncMap {
	functions := maps.Clone(shared)
	maps.Copy(functions, repeatable)
	maps.Copy(functions, uses[purpose].functions)
	return functions
}

func dataAlone(data any) any { return data }

// withNotificationHelpers adds the variables time, strings and repo, whose entries are functions.
func withNotificationHelpers(data any) any {
	variables, ok := data.(map[string]any)
	if !ok {
		variables = map[string]any{}
	}
	// Templates can change maps that they see, so each run has its own.
	variables["time"] = maps.Clone(timeHelpers)
	variables["strings"] = maps.Clone(stringHelpers)
	variables["repo"] = map[string]any{
		"RepoURLToHTTPS":    repoURLToHTTPS,
		"FullNameByRepoURL": fullNameByRepoURL,
		"QueryEscape":       url.QueryEscape,
		"GetCommitMetadata": commitMetadataOf,
		"GetAppDetails":     detailsOfApplication,
	}
	return variables
}
