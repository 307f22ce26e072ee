package acomba

import (
	"strings"

	"syncbox/connectors/acomba/layout"
)

// splitName parts a full name by the rule of the site. A single word is a last name.
func (c *Company) splitName(full string) (first, last string) {
	if c.cfg.Names == NamesWhole {
		return "", ""
	}
	if last, first, ok := strings.Cut(full, ","); ok {
		return strings.TrimSpace(first), strings.TrimSpace(last)
	}
	words := strings.Fields(full)
	switch {
	case len(words) == 0:
		return "", ""
	case len(words) == 1:
		return "", words[0]
	case c.cfg.Names == NamesLastFirst:
		return strings.Join(words[1:], " "), words[0]
	}
	return words[0], strings.Join(words[1:], " ")
}

// town gives city and province of a card; where the site wants it, a province is taken out of the city.
func (c *Company) town(card *layout.Card) (city, province string) {
	city, province = text(card, "city"), text(card, "province")
	if province != "" || !c.cfg.ProvinceFromCity {
		return city, province
	}
	return splitTown(city)
}

// splitTown parts "Laval, QC" and "Laval (Québec)" where the second part is a province of Canada.
func splitTown(town string) (city, province string) {
	before, after, ok := cutLast(town, ",")
	if !ok {
		before, after, ok = cutLast(strings.TrimSuffix(town, ")"), "(")
		ok = ok && strings.HasSuffix(town, ")")
	}
	before, after = strings.TrimSpace(before), strings.TrimSpace(after)
	if !ok || before == "" || !provinces[strings.ToLower(after)] {
		return town, ""
	}
	return before, after
}

func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// provinces of Canada: codes, and names in both languages, in lower case.
var provinces = func() map[string]bool {
	all := map[string]bool{}
	for _, name := range strings.Split("ab,alberta,bc,british columbia,colombie-britannique,mb,manitoba,nb,new brunswick,"+
		"nouveau-brunswick,nl,newfoundland and labrador,terre-neuve-et-labrador,ns,nova scotia,nouvelle-écosse,nt,"+
		"northwest territories,territoires du nord-ouest,nu,nunavut,on,ont,ont.,ontario,pe,prince edward island,"+
		"île-du-prince-édouard,qc,pq,p.q.,que,qué,qué.,quebec,québec,sk,saskatchewan,yt,yukon", ",") {
		all[name] = true
	}
	return all
}()
