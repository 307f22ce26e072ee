package health

// shownToAll are the arguments of words that never hold a word of a record, nor the name of a server: names of fields,
// counts, causes, what X3, Graph, Sage CRM and BOB 50 call an object, a column or a mistake.
var shownToAll = map[string]bool{"cause": true, "entity": true, "field": true, "count": true, "bound": true, "created": true, "updated": true,
	"inactive": true, "createderp": true, "updatederp": true, "conflicts": true, "asked": true, "held": true, "kept": true, "external": true,
	"old": true, "rule": true, "unclear": true, "onlyerp": true, "onlycrm": true, "level": true, "won": true, "by": true, "action": true,
	"shown": true, "copied": true, "version": true, "probe": true, "resource": true, "file": true, "names": true, "publication": true, "object": true, "verb": true, "trace": true,
	"error": true, "interface": true, "table": true, "column": true,
	"generation": true, "hours": true, "megabytes": true, "gone": true, "known": true, "page": true, "rows": true, "days": true}

// Harmless gives the arguments of words that may be shown to whoever has not logged on; what is not among them is a gap.
func Harmless(args map[string]string) map[string]string {
	left := map[string]string{}
	for name, value := range args {
		if shownToAll[name] {
			left[name] = value
		}
	}
	return left
}
