package main

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/gosimple/slug"
	"sigs.k8s.io/yaml"
)

var notInNames = regexp.MustCompile(`[^-a-z0-9.]`)

// maxNameLength is Kubernetes' limit for names that are DNS subdomains.
const maxNameLength = 253

// normalize makes a text fit for the name of an object.
func normalize(text string) string {
	text = notInNames.ReplaceAllString(strings.ToLower(text), "-")
	if len(text) > maxNameLength {
		text = text[:maxNameLength]
	}
	return strings.Trim(text, "-.")
}

// slugify makes a slug of its last argument: slugify [longest] [at the end of a word] text.
func slugify(arguments ...any) (string, error) {
	if len(arguments) == 0 || len(arguments) > 3 {
		return "", fmt.Errorf("slugify takes [length] [smart] text, got %d arguments", len(arguments))
	}
	text, ok := arguments[len(arguments)-1].(string)
	if !ok {
		return "", fmt.Errorf("slugify: %v is no text", arguments[len(arguments)-1])
	}
	longest, smart := 50, true
	for index, argument := range arguments[:len(arguments)-1] {
		switch value := argument.(type) {
		case int:
			longest = value
		case bool:
			smart = value
		default:
			return "", fmt.Errorf("slugify: argument %d must be a length or a boolean", index+1)
		}
	}
	// The library has its limits in variables of its own; this program runs one call at a time.
	slug.MaxLength, slug.EnableSmartTruncate = longest, smart
	return slug.Make(text), nil
}

func toYaml(value any) (string, error) {
	text, err := yaml.Marshal(value)
	return strings.TrimSuffix(string(text), "\n"), err
}

func fromYaml(text string) (map[string]any, error) {
	value := map[string]any{}
	err := yaml.Unmarshal([]byte(text), &value)
	return value, err
}

func fromYamlArray(text string) ([]any, error) {
	value := []any{}
	err := yaml.Unmarshal([]byte(text), &value)
	return value, err
}
