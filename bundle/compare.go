package bundle

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
)

// Differences names what differs between two reports of one message, given as
// lines of JSON: keys in dots, checks by their id. What was found when the
// bundle was made and what is found now may differ for good reasons: another
// policy, other anchors, or time that has passed. The name of the file and
// sentences in words are not compared.
func Differences(then, now []byte) ([]string, error) {
	var a, b map[string]any
	if err := json.Unmarshal(then, &a); err != nil {
		return nil, fmt.Errorf("bundle: the report of then: %w", err)
	}
	if err := json.Unmarshal(now, &b); err != nil {
		return nil, fmt.Errorf("bundle: the report of now: %w", err)
	}
	var all []string
	compare("", a, b, &all)
	return all, nil
}

func compare(prefix string, a, b map[string]any, all *[]string) {
	keys := make([]string, 0, len(a))
	for k := range a {
		keys = append(keys, k)
	}
	for k := range b {
		if _, ok := a[k]; !ok {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	for _, k := range keys {
		switch k {
		case "file":
		case "checks":
			checks(prefix, a[k], b[k], all)
		case "layers":
			layers(prefix, a[k], b[k], all)
		default:
			if !reflect.DeepEqual(a[k], b[k]) {
				*all = append(*all, prefix+k)
			}
		}
	}
}

// checks compares the status of each check.
func checks(prefix string, a, b any, all *[]string) {
	then, now := statuses(a), statuses(b)
	ids := make([]string, 0, len(then))
	for id := range then {
		ids = append(ids, id)
	}
	for id := range now {
		if _, ok := then[id]; !ok {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for _, id := range ids {
		if then[id] != now[id] {
			*all = append(*all, fmt.Sprintf("%schecks.%s (%s, now %s)", prefix, id, or(then[id], "none"), or(now[id], "none")))
		}
	}
}

func statuses(list any) map[string]string {
	out := make(map[string]string)
	all, _ := list.([]any)
	for _, c := range all {
		c, _ := c.(map[string]any)
		id, _ := c["id"].(string)
		status, _ := c["status"].(string)
		out[id] = status
	}
	return out
}

func layers(prefix string, a, b any, all *[]string) {
	then, _ := a.([]any)
	now, _ := b.([]any)
	if len(then) != len(now) {
		*all = append(*all, prefix+"layers")
		return
	}
	for i := range then {
		x, _ := then[i].(map[string]any)
		y, _ := now[i].(map[string]any)
		compare(fmt.Sprintf("%slayers.%d.", prefix, i), x, y, all)
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
