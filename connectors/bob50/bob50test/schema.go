package bob50test

import "slices"

// Names of tables. Those of the specification are BOB's own; Contacts and CustomName are invented, as no document tells them.
const (
	Parties    = "AC_COMPAN"
	Banks      = "AC_COMPBK"
	Foreign    = "AC_COMPDE"
	Contacts   = "AC_COMPCT"
	CustomName = "AC_COMPCU"
	Config     = "AC_CONFIG"
	Codes      = "STDCODE"
)

func text(length int, names ...string) []Column { return columnsOf(Character, length, names) }

func columnsOf(c Code, length int, names []string) (columns []Column) {
	for _, name := range names {
		columns = append(columns, Column{Name: name, Type: c, Length: length})
	}
	return columns
}

// customColumns are the fields that somebody added.
func customColumns() []Column {
	return []Column{{Name: "C_SECTOR", Type: Character, Length: 20}, {Name: "C_SCORE", Type: Integer}, {Name: "C_SINCE", Type: Date}, {Name: "C_VIP", Type: Logical}}
}

// partyColumns are those of AC_COMPAN. Lengths that no source gives are invented: EMAILADDRESS and those of the bank.
func partyColumns(phone int, custom bool) []Column {
	columns := slices.Concat(
		text(10, "CID"), text(1, "CCUSTYPE", "CSUPTYPE"), text(40, "CNAME1", "CNAME2", "CADDRESS1", "CADDRESS2"), text(10, "CZIPCODE"),
		text(40, "CLOCALITY"), text(6, "CCOUNTRY"), text(2, "CCTRYCODE", "CLANGUAGE"), columnsOf(Logical, 1, []string{"CISPERS"}),
		text(3, "CCUSCAT", "CCURRENCY"), text(1, "CVATCAT"), text(2, "CVATREF"), text(12, "CVATNO"), text(phone, "CTELNO", "CFAXNO"),
		text(80, "EMAILADDRESS"), text(60, "HTTPADDRESS"), text(10, "CBANKCODE"), text(34, "CBANKNO", "CBANKIBAN"), text(3, "CBNKTYPEPAY"),
		text(35, "CBANKORDERMANDATE"),
		columnsOf(Logical, 1, []string{"CBANKORDERPAY", "CBANKORDERB2B", "CISWARNING", "CISREADONL", "CISBLOCK", "CISSECRET"}),
		text(6, "CCUSPAYDELAY"), text(5, "CREMCAT"), text(1, "CREMSTATUS"), text(10, "CCUSCTRACC", "CCUSIMPUTA"), text(3, "CCUSVNAT1", "CCUSVNAT2"),
		text(10, "AUTHOR"), text(15, "CNATREGISTRYID"), columnsOf(Memo, 0, []string{"CMEMO"}),
		columnsOf(TimeStamp, 0, []string{"CREATEDATE", "MODIFYDATE"}))
	if custom {
		columns = append(columns, customColumns()...)
	}
	return columns
}

// smallTables are the other tables of a company, of which only the names are known, and a few columns.
func smallTables() map[string][]Column {
	id := func(names ...string) []Column {
		return append(text(10, names...), Column{Name: "NAME", Type: Character, Length: 40})
	}
	return map[string][]Column{
		Banks:       append(text(10, "CID"), text(34, "CBANKNO", "CBANKIBAN")...),
		Foreign:     append(text(10, "CID"), text(40, "CBANKNAME")...),
		Config:      append(text(10, "ID"), text(80, "PATH")...),
		"AC_ACCOUN": id("AID"), "AC_DBK": id("DBID"), "AC_PERIOD": id("PERIOD"), "AC_VAT": id("VID"), "AC_CODEF": id("ID"), "AC_COSECT": id("ID"),
	}
}

func contactColumns() []Column {
	return slices.Concat(text(10, "PCID"), text(30, "PNAME", "PFIRSTNAME"), text(25, "PGSM"), text(1, "PMF"), text(2, "PLANGUAGE"))
}

// linkTables are those of LINK\<dossier>: headers and lines of purchases and sales.
func linkTables() map[string][]Column {
	tables := map[string][]Column{}
	for _, name := range []string{"LINK_KHACH", "LINK_KHVEN", "LINK_KLACH", "LINK_KLVEN"} {
		tables[name] = append(text(10, "CID"), Column{Name: "HDOCNO", Type: Integer})
	}
	return tables
}
