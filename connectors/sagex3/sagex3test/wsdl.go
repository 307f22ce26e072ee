package sagex3test

import (
	"slices"
	"strings"
)

// wsdlTypes are the complex types, each with its elements.
var wsdlTypes = []struct{ name, elements string }{
	{"CAdxCallContext", "codeLang:xsd:string? codeUser:xsd:string? password:xsd:string? poolAlias:xsd:string? poolId:xsd:string? requestConfig:xsd:string?"},
	{"CAdxMessage", "message:xsd:string? type:xsd:string?"},
	{"CAdxTechnicalInfos", "busy:xsd:boolean changeLanguage:xsd:boolean changeUserId:xsd:boolean flushAdx:xsd:boolean loadWebsDuration:xsd:double " +
		"nbDistributionCycle:xsd:int poolDistribDuration:xsd:double poolEntryIdx:xsd:int poolExecDuration:xsd:double poolRequestDuration:xsd:double " +
		"poolWaitDuration:xsd:double processReport:xsd:string? processReportSize:xsd:int reloadWebs:xsd:boolean resumitAfterDBOpen:xsd:boolean " +
		"rowInDistribStack:xsd:int totalDuration:xsd:double traceRequest:xsd:string? traceRequestSize:xsd:int"},
	{"CAdxResultXml", "messages:impl:ArrayOfCAdxMessage? resultXml:xsd:string? status:xsd:int technicalInfos:impl:CAdxTechnicalInfos?"},
	{"CAdxParamKeyValue", "key:xsd:string? value:xsd:string?"},
}

var wsdlArrays = [][2]string{{"ArrayOfCAdxMessage", "impl:CAdxMessage[]"}, {"ArrayOfCAdxParamKeyValue", "impl:CAdxParamKeyValue[]"},
	{"ArrayOf_xsd_string", "xsd:string[]"}}

func partType(name string) string {
	switch name {
	case "callContext":
		return "impl:CAdxCallContext"
	case "objectKeys":
		return "impl:ArrayOfCAdxParamKeyValue"
	case "lineKeys":
		return "impl:ArrayOf_xsd_string"
	case "listSize":
		return "xsd:int"
	}
	return "xsd:string"
}

// wsdl describes the service at an address.
func wsdl(address string) []byte {
	w := newWriter(look{beautify: true})
	w.open("wsdl:definitions", "xmlns:wsdl", "http://schemas.xmlsoap.org/wsdl/", "xmlns:wsdlsoap", "http://schemas.xmlsoap.org/wsdl/soap/",
		"xmlns:soapenc", nsEncoding, "xmlns:xsd", nsSchema, "xmlns:impl", nsProduct, "targetNamespace", nsProduct)
	wsdlSchema(w)
	var ops []string
	for op := range parts {
		ops = append(ops, op)
	}
	slices.Sort(ops)
	for _, op := range ops {
		w.open("wsdl:message", "name", op+"Request")
		for _, part := range append([]string{"callContext", "publicName"}, parts[op]...) {
			w.leaf("wsdl:part", "", "name", part, "type", partType(part))
		}
		w.close("wsdl:message")
		w.open("wsdl:message", "name", op+"Response")
		w.leaf("wsdl:part", "", "name", op+"Return", "type", "impl:CAdxResultXml")
		w.close("wsdl:message")
	}
	wsdlPort(w, ops)
	w.open("wsdl:service", "name", "CAdxWebServiceXmlCCService")
	w.open("wsdl:port", "name", "CAdxWebServiceXmlCC", "binding", "impl:CAdxWebServiceXmlCCSoapBinding")
	w.leaf("wsdlsoap:address", "", "location", address)
	w.close("wsdl:port")
	w.close("wsdl:service")
	w.close("wsdl:definitions")
	return []byte(w.b.String())
}

func wsdlSchema(w *writer) {
	w.open("wsdl:types")
	w.open("xsd:schema", "targetNamespace", nsProduct)
	w.leaf("xsd:import", "", "namespace", nsEncoding)
	for _, t := range wsdlTypes {
		w.open("xsd:complexType", "name", t.name)
		w.open("xsd:sequence")
		for e := range strings.SplitSeq(t.elements, " ") {
			name, kind, _ := strings.Cut(e, ":")
			attrs := []string{"name", name, "type", strings.TrimSuffix(kind, "?")}
			if strings.HasSuffix(kind, "?") {
				attrs = append(attrs, "nillable", "true")
			}
			w.leaf("xsd:element", "", attrs...)
		}
		w.close("xsd:sequence")
		w.close("xsd:complexType")
	}
	for _, a := range wsdlArrays {
		w.open("xsd:complexType", "name", a[0])
		w.open("xsd:complexContent")
		w.open("xsd:restriction", "base", "soapenc:Array")
		w.leaf("xsd:attribute", "", "ref", "soapenc:arrayType", "wsdl:arrayType", a[1])
		w.close("xsd:restriction")
		w.close("xsd:complexContent")
		w.close("xsd:complexType")
	}
	w.close("xsd:schema")
	w.close("wsdl:types")
}

func wsdlPort(w *writer, ops []string) {
	w.open("wsdl:portType", "name", "CAdxWebServiceXmlCC")
	for _, op := range ops {
		w.open("wsdl:operation", "name", op, "parameterOrder", strings.Join(append([]string{"callContext", "publicName"}, parts[op]...), " "))
		w.leaf("wsdl:input", "", "name", op+"Request", "message", "impl:"+op+"Request")
		w.leaf("wsdl:output", "", "name", op+"Response", "message", "impl:"+op+"Response")
		w.close("wsdl:operation")
	}
	w.close("wsdl:portType")
	w.open("wsdl:binding", "name", "CAdxWebServiceXmlCCSoapBinding", "type", "impl:CAdxWebServiceXmlCC")
	w.leaf("wsdlsoap:binding", "", "transport", "http://schemas.xmlsoap.org/soap/http", "style", "rpc")
	for _, op := range ops {
		w.open("wsdl:operation", "name", op)
		w.leaf("wsdlsoap:operation", "", "soapAction", "")
		for _, side := range []string{"input", "output"} {
			w.open("wsdl:" + side)
			w.leaf("wsdlsoap:body", "", "use", "encoded", "namespace", nsProduct, "encodingStyle", nsEncoding)
			w.close("wsdl:" + side)
		}
		w.close("wsdl:operation")
	}
	w.close("wsdl:binding")
}
