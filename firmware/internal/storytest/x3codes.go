package storytest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"syncbox/connectors/record"
	"syncbox/connectors/sagex3/sagex3test"
)

// Objects are X3's objects of what is synchronised.
var Objects = map[record.Entity]sagex3test.Object{record.Contact: sagex3test.Correspondents, record.Task: sagex3test.Tasks,
	record.Call: sagex3test.Calls, record.Appointment: sagex3test.Appointments}

// meant are the fields that Sage does not document, by what they mean: a day and a time, or hours and minutes, are two.
var meant = map[record.Entity]map[string][]sagex3test.Field{
	record.Contact: {"chrono": {sagex3test.Number}, "last_name": {sagex3test.LastName}, "first_name": {sagex3test.FirstName}, "company": {sagex3test.Company},
		"function": {sagex3test.Function}, "service": {sagex3test.Service}, "phone": {sagex3test.Phone}, "phone_home": {sagex3test.HomePhone},
		"mobile": {sagex3test.Mobile}, "email": {sagex3test.Email}, "street": {sagex3test.Address}, "postal_code": {sagex3test.PostalCode}, "city": {sagex3test.City},
		"country": {sagex3test.Country}, "note": {sagex3test.Note}, "representative": {sagex3test.Owner}},
	record.Task: {"minutes": {sagex3test.Hours, sagex3test.Minutes}},
	record.Call: {"chrono": {sagex3test.Number}, "company": {sagex3test.Company}, "contact": {sagex3test.Correspondent}, "done": {sagex3test.Done},
		"date": {sagex3test.Start}, "minutes": {sagex3test.Hours, sagex3test.Minutes}, "representative": {sagex3test.Owner}, "subject": {sagex3test.Subject}, "report": {sagex3test.Report}},
	record.Appointment: {"chrono": {sagex3test.Number}, "company": {sagex3test.Company}, "done": {sagex3test.Done},
		"start": {sagex3test.Start, sagex3test.StartTime}, "end": {sagex3test.End, sagex3test.EndTime}, "visited": {sagex3test.Visit},
		"coworkers": {sagex3test.Coworker}, "subject": {sagex3test.Subject}, "report": {sagex3test.Report}, "representative": {sagex3test.Owner}},
}

// FieldCodes reads the codes of fields that Sage does not document off a site, as an installer does.
func FieldCodes(x3 *sagex3test.Server) (map[record.Entity]map[string]string, error) {
	codes := map[record.Entity]map[string]string{}
	for e, fields := range meant {
		codes[e] = map[string]string{}
		for name, means := range fields {
			var places []string
			for _, m := range means {
				p, there := x3.Place(Objects[e], m)
				if !there {
					return nil, fmt.Errorf("%s has no field for %s", e, m)
				}
				places = append(places, p.Code)
			}
			codes[e][name] = strings.Join(places, ",")
		}
	}
	return codes, nil
}

// FieldLines writes codes as a configuration says them.
func FieldLines(codes map[record.Entity]map[string]string) string {
	var lines []string
	for _, e := range slices.Sorted(maps.Keys(codes)) {
		var all []string
		for _, name := range slices.Sorted(maps.Keys(codes[e])) {
			all = append(all, fmt.Sprintf("%q", name+"="+strings.ReplaceAll(codes[e][name], ",", "+")))
		}
		lines = append(lines, string(e)+"_fields = ["+strings.Join(all, ", ")+"]\n")
	}
	return strings.Join(lines, "")
}
