package soap_test

import (
	"errors"
	"strings"
	"testing"

	"syncbox/connectors/rest/soap"
)

// TestRoundTrip: what Envelope writes, Body reads, whatever stands in the text.
func TestRoundTrip(t *testing.T) {
	const text = "<![CDATA[ & \"Boulangerie\" ]]> é\u0153\U0001F600\n#C001#"
	document := soap.Envelope([]string{"xmlns:wss", "http://www.adonix.com/WSS"}, nil, []soap.Value{{
		Name: "wss:save", Children: []soap.Value{soap.String("publicName", text), {Name: "objectKeys"}},
	}})
	got, err := soap.Body(document)
	if err != nil {
		t.Fatal(err)
	}
	if got.Name != "save" || got.Get("PUBLICNAME") != text || got.Child("publicName").Attr("type") != "xsd:string" || got.Child("objectKeys") == nil {
		t.Errorf("%+v in\n%s", got, document)
	}
}

// TestReferences: the style of old servers, which put every structure aside.
func TestReferences(t *testing.T) {
	got, err := soap.Body([]byte(`<?xml version="1.0" encoding="iso-8859-1"?><e:Envelope xmlns:e="x"><e:Body>
	<saveResponse><saveReturn href="#id0"/></saveResponse>
	<multiRef id="id0"><status href="#id1"/><messages><messages href="#id2"/><messages href="#id2"/></messages></multiRef>
	<multiRef id="id1">1</multiRef><multiRef id="id2"><message>caf` + "\xe9" + `</message></multiRef></e:Body></e:Envelope>`))
	if err != nil {
		t.Fatal(err)
	}
	if got.Get("saveReturn", "status") != "1" || len(got.At("saveReturn", "messages").Children) != 2 ||
		got.Get("saveReturn", "messages", "messages", "message") != "café" {
		t.Errorf("%+v", got)
	}
}

// TestRefused: what is no whole answer says so, and never what stands in it.
func TestRefused(t *testing.T) {
	const open = `<e:Envelope xmlns:e="x"><e:Body>`
	const end = `</e:Body></e:Envelope>`
	for _, test := range []struct {
		name, document, want string
	}{
		{"nothing", "", "cut off"},
		{"cut", open + "<a><b>Ève Roy</b>", "cut off"},
		{"cut in a tag", open + "<a nam", "cut off"},
		{"not well formed", open + "<a>Ève Roy</b>" + end, "not well formed"},
		{"an entity of its own", `<!DOCTYPE a [<!ENTITY x "Ève">]>` + open + "<a>&x;</a>" + end, "not well formed"},
		{"a page", "<html><body><p>Bad gateway</p></body></html>", "no SOAP envelope"},
		{"no body", `<e:Envelope xmlns:e="x"/>`, "no SOAP envelope"},
		{"an empty body", open + end, "its body is empty"},
		{"two documents", open + "<a/>" + end + "<b/>", "larger than"},
		{"too deep", open + strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70) + end, "larger than"},
		{"in circles", open + `<a><b href="#i"/></a><m id="i"><c href="#i"/></m>` + end, "references without end"},
		{"an unknown character set", `<?xml version="1.0" encoding="klingon"?>` + open + "<a/>" + end, "not well formed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := soap.Body([]byte(test.document))
			if err == nil || !strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "Ève") {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}

// TestFault gives the server's words.
func TestFault(t *testing.T) {
	_, err := soap.Body([]byte(`<S:Envelope xmlns:S="x"><S:Body><S:Fault><faultcode>S:Server</faultcode><faultstring>No Web services accepted</faultstring></S:Fault></S:Body></S:Envelope>`))
	var fault *soap.Fault
	if !errors.As(err, &fault) || fault.Code != "S:Server" || fault.Text != "No Web services accepted" {
		t.Errorf("%v", err)
	}
}

// FuzzBody: no document makes the reader panic or run on.
func FuzzBody(f *testing.F) {
	f.Add([]byte(`<e:Envelope xmlns:e="x"><e:Body><a href="#i"/><m id="i">1</m></e:Body></e:Envelope>`))
	f.Fuzz(func(t *testing.T, document []byte) {
		if n, err := soap.Body(document); err == nil && (n == nil || n.Name == "") {
			t.Fatal("an answer without a name")
		}
	})
}
