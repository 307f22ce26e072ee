package pairs

import "syncbox/connectors"

// names are what people call the products of each pair.
var names = map[string]connectors.Names{
	"acomba-centrixone":      {ERP: "Acomba", CRM: "CRM"},
	"bob50-sagecrm":          {ERP: "BOB 50", CRM: "Sage CRM"},
	"quickbooks-centrixone":  {ERP: "QuickBooks", CRM: "CRM"},
	"sage50-salesmanagement": {ERP: "Sage 50", CRM: "Sage Sales Management"},
	"sagex3-outlook":         {ERP: "Sage X3", CRM: "Outlook"},
}

// Names gives what people call the products of a pair, wherever they read of them; none for a pair that is not known.
func Names(pair string) connectors.Names { return names[pair] }
