package quickbookstest

import "time"

// open gives a new company what it has before anybody works in it. The caller has the lock.
func (s *Server) open() {
	at := s.now().Truncate(time.Second) // no bound for later changes: a test may put the clock back
	info := Object{"CompanyName": s.opts.Company, "LegalName": s.opts.Company, "Country": s.opts.Country, "SupportedLanguages": "en,fr",
		"CompanyStartDate": "2015-06-05", "FiscalYearStartMonth": "January", "DefaultTimeZone": s.opts.Zone.String(),
		"CompanyAddr": Object{"Id": "1", "Line1": "1, rue Exemple", "City": "Montréal", "Country": s.opts.Country, "CountrySubDivisionCode": "QC", "PostalCode": "H2X 1Y4"},
		"Email":       Object{"Address": "compagnie@example.com"}, "PrimaryPhone": Object{"FreeFormNumber": "(514) 555-0100"}, "WebAddr": Object{"URI": "http://example.com"},
		"NameValue": []any{Object{"Name": "SubscriptionStatus", "Value": "SUBSCRIBED"}, Object{"Name": "OfferingSku", "Value": "QuickBooks Online Plus"}}}
	s.state.create(CompanyInfo, info, at, author{})
	s.state.create(Preferences, Object{
		"AccountingInfoPrefs": Object{"FirstMonthOfFiscalYear": "January", "CustomerTerminology": "Customers", "BookCloseDate": "2014-12-31"},
		"SalesFormsPrefs": Object{"CustomTxnNumbers": false, "AllowDeposit": true, "AllowDiscount": true, "AllowEstimates": true,
			"AllowShipping": true, "ETransactionPaymentEnabled": false},
		"CurrencyPrefs": Object{"MultiCurrencyEnabled": true, "HomeCurrency": reference(s.opts.Currency, "")},
		"TaxPrefs":      Object{"UsingSalesTax": true},
	}, at, author{})
}
