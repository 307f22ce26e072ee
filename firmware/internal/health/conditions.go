package health

import "slices"

// args lists placeholders.
func args(names ...string) []string { return names }

// conditions are all conditions there are, by who tells them.
//
// Their lights: what ends by itself and is no outage leaves the box ready; whatever needs a person, and has no light
// of its own, has that of waiting for one.
var conditions = slices.Concat(connectorConditions, syncConditions, boxConditions, []Condition{
	{Internal, Person, Box, WaitsForPerson, nil}, // what nobody sorted
})
