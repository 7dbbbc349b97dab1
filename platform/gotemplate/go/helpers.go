package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// stringHelpers are the functions of the variable strings.
var stringHelpers = map[string]any{
	"ReplaceAll": strings.ReplaceAll,
	"ToUpper":    strings.ToUpper,
	"ToLower":    strings.ToLower,
}

// timeHelpers are the functions and constants of the variable time.
var timeHelpers = map[string]any{
	"Now":         func() time.Time { return running.now },
	"Parse":       func(text string) (time.Time, error) { return time.Parse(time.RFC3339, text) },
	"Nanosecond":  time.Nanosecond,
	"Microsecond": time.Microsecond,
	"Millisecond": time.Millisecond,
	"Second":      time.Second,
	"Minute":      time.Minute,
	"Hour":        time.Hour,
	"Layout":      time.Layout,
	"ANSIC":       time.ANSIC,
	"UnixDate":    time.UnixDate,
	"RubyDate":    time.RubyDate,
	"RFC822":      time.RFC822,
	"RFC822Z":     time.RFC822Z,
	"RFC850":      time.RFC850,
	"RFC1123":     time.RFC1123,
	"RFC1123Z":    time.RFC1123Z,
	"RFC3339":     time.RFC3339,
	"RFC3339Nano": time.RFC3339Nano,
	"Kitchen":     time.Kitchen,
	"Stamp":       time.Stamp,
	"StampMilli":  time.StampMilli,
	"StampMicro":  time.StampMicro,
	"StampNano":   time.StampNano,
}

// scpLike is an address in Git's short form of SSH: [user@]host:path, without a scheme.
var scpLike = regexp.MustCompile(`^(?:([^@/:]+)@)?([^/:]+):([^/].*|/.*)$`)

// parseRepoURL reads an address as Git does: a URL, or SSH's short form.
func parseRepoURL(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		if found := scpLike.FindStringSubmatch(text); found != nil {
			return &url.URL{Scheme: "ssh", Host: found[2], Path: found[3]}, nil
		}
	}
	parsed, err := url.Parse(text)
	if err != nil {
		// The parser's message repeats the address, which may hold a password.
		return nil, fmt.Errorf("repository address can't be read")
	}
	return parsed, nil
}

// repoURLToHTTPS is the web address of a repository, without user and password.
func repoURLToHTTPS(text string) (string, error) {
	parsed, err := parseRepoURL(text)
	if err != nil {
		return "", err
	}
	parsed.Scheme, parsed.User = "https", nil
	return parsed.String(), nil
}

// fullNameByRepoURL is owner and name of a repository: the first two parts of its path.
func fullNameByRepoURL(text string) (string, error) {
	parsed, err := parseRepoURL(text)
	if err != nil {
		return "", err
	}
	path := strings.TrimSuffix(parsed.Path, ".git")
	parts := strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
	if len(parts) >= 2 {
		return strings.Join(parts[:2], "/"), nil
	}
	return path, nil
}
