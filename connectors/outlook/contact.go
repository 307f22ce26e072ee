package outlook

import (
	"context"
	"slices"
	"strings"
	"time"

	"syncbox/connectors/record"
)

// contact is Graph's contact, as far as we look at it.
type contact struct {
	ID             string     `json:"id"`
	ETag           string     `json:"@odata.etag"`
	Created        time.Time  `json:"createdDateTime"`
	Changed        time.Time  `json:"lastModifiedDateTime"`
	Folder         string     `json:"parentFolderId"`
	GivenName      string     `json:"givenName"`
	Surname        string     `json:"surname"`
	Title          string     `json:"title"`
	JobTitle       string     `json:"jobTitle"`
	Company        string     `json:"companyName"`
	Department     string     `json:"department"`
	BusinessPhones []string   `json:"businessPhones"`
	HomePhones     []string   `json:"homePhones"`
	MobilePhone    string     `json:"mobilePhone"`
	Emails         []email    `json:"emailAddresses"`
	Address        address    `json:"businessAddress"`
	Notes          string     `json:"personalNotes"`
	Properties     properties `json:"singleValueExtendedProperties"`
}

type email struct {
	Name    string `json:"name,omitempty"`
	Address string `json:"address"`
}

type address struct {
	Street     string `json:"street"`
	City       string `json:"city"`
	State      string `json:"state"`
	Country    string `json:"countryOrRegion"`
	PostalCode string `json:"postalCode"`
}

func (m *Mailbox) fetchContact(ctx context.Context, key record.Key) (*item, error) {
	var c contact
	if err := m.get(ctx, m.at(query("$expand", expand(chronoProperty, sensitivity)), "contacts", string(key)), &c); err != nil {
		return nil, err
	}
	return c.item(key), nil
}

func (c *contact) item(key record.Key) *item {
	i := &item{entity: record.Contact, key: key, chrono: c.Properties.get(chronoProperty), etag: c.ETag, created: c.Created, changed: c.Changed, contact: c}
	if c.Folder != "" {
		i.source = folderSource(c.Folder)
	}
	if s := c.Properties.get(sensitivity); s != "" {
		i.private = strings.Contains(privateCodes, " "+s+" ")
	}
	i.fields = record.Fields{
		"Chrono": record.TextOf(i.chrono), "Surname": record.TextOf(c.Surname), "GivenName": record.TextOf(c.GivenName),
		"Title": record.TextOf(c.Title), "JobTitle": record.TextOf(c.JobTitle), "Department": record.TextOf(c.Department),
		"Company": record.TextOf(companyIn(c.Company)), "BusinessPhone": record.TextOf(first(c.BusinessPhones)),
		"HomePhone": record.TextOf(first(c.HomePhones)), "MobilePhone": record.TextOf(c.MobilePhone),
		"Email": record.Value{}, "Street": record.TextOf(plainLines(c.Address.Street)), "City": record.TextOf(c.Address.City),
		"PostalCode": record.TextOf(c.Address.PostalCode), "State": record.TextOf(c.Address.State),
		"Country": record.TextOf(c.Address.Country), "Notes": record.TextOf(plainLines(c.Notes)),
	}
	if len(c.Emails) > 0 {
		i.fields["Email"] = record.TextOf(c.Emails[0].Address)
	}
	return i
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

// plainContact are Graph's names of the fields that are nothing but a text.
var plainContact = map[string]string{
	"Surname": "surname", "GivenName": "givenName", "Title": "title", "JobTitle": "jobTitle", "Department": "department",
	"MobilePhone": "mobilePhone", "Notes": "personalNotes",
}

// contactBody is what a write of the fields sends, over the contact as it is.
func contactBody(now *contact, fields record.Fields, chrono string) map[string]any {
	body := map[string]any{}
	home := now.Address
	places := map[string]*string{"Street": &home.Street, "City": &home.City, "PostalCode": &home.PostalCode, "State": &home.State, "Country": &home.Country}
	for name, v := range fields {
		switch {
		case plainContact[name] != "":
			body[plainContact[name]] = v.Text
		case name == "BusinessPhone":
			body["businessPhones"] = withFirst(now.BusinessPhones, v.Text)
		case name == "HomePhone":
			body["homePhones"] = withFirst(now.HomePhones, v.Text)
		case name == "Company":
			body["companyName"] = companyName(now.Company, v.Text)
		case name == "Email":
			body["emailAddresses"] = withEmail(now.Emails, v.Text)
		case places[name] != nil:
			*places[name] = v.Text
			body["businessAddress"] = &home
		}
	}
	if chrono != "" {
		body["singleValueExtendedProperties"] = properties{{chronoProperty, chrono}}
	}
	return body
}

// withFirst replaces the first of a list; the others stay, since they are the person's own.
func withFirst(list []string, one string) []string {
	rest := slices.Clone(list[min(1, len(list)):])
	if one == "" {
		return append([]string{}, rest...)
	}
	return append([]string{one}, rest...)
}

func withEmail(list []email, one string) []email {
	rest := slices.Clone(list[min(1, len(list)):])
	if one == "" {
		return append([]email{}, rest...)
	}
	return append([]email{{one, one}}, rest...)
}

// companyName puts a code in the place of the one that is there. What else people wrote stays.
func companyName(now, code string) string {
	if token.MatchString(now) {
		return setCompany(now, code)
	}
	if code == "" {
		return now
	}
	return "#" + code + "#"
}
