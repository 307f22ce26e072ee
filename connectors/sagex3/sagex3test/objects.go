package sagex3test

import "slices"

// No, Yes are the items of local menu 1.
const (
	No  = "1"
	Yes = "2"
)

// menus are the labels of the local menus, French and English.
var menus = map[int][2][]string{
	1:   {{"Non", "Oui"}, {"No", "Yes"}},
	941: {{"", "M.", "Mme"}, {"", "Mr", "Mrs"}},
}

func fld(code string, means Field, label string, size int) field {
	return field{code: code, means: means, label: label, size: size}
}

func (f field) as(form form) field { f.form = form; return f }
func (f field) list() field        { f.column = true; return f }
func (f field) shown() field       { f.fixed = true; return f }
func (f field) repeated(n int) field {
	f.items = n
	return f
}

func (f field) menuOf(n int) field {
	f.menu, f.form = n, integer
	return f
}

func group(id, label string, fields ...field) block {
	return block{id: id, label: label, dim: 1, fields: fields}
}

func tab(id, label string, means Field, dim int, fields ...field) block {
	return block{id: id, label: label, means: means, dim: dim, fields: fields}
}

const (
	opSave        = "save"
	opModify      = "modify"
	opDelete      = "delete"
	opRead        = "read"
	opQuery       = "query"
	opRun         = "run"
	opAction      = "actionObject"
	opActionKeys  = "actionObjectKeys"
	opInsertLines = "insertLines"
	opDeleteLines = "deleteLines"
	opDescription = "getDescription"
	opDataSchema  = "getDataXmlSchema"
)

var everyDeed = []string{opSave, opModify, opDelete, opAction, opActionKeys, opInsertLines, opDeleteLines}

// tasks has the codes that the product's help names; TSKNUM and MINTIMSPG, which it leaves out, are invented.
func tasks() *schema {
	return &schema{object: Tasks, prefix: "TSK", counter: "ACT", deeds: everyDeed, blocks: []block{
		group("TSK0_1", "Tâche", fld("TSKNUM", Number, "Chrono", 15).list(), fld("TSKCRM", Company, "Tiers", 15).list(),
			fld("TSKCOR", Correspondent, "Correspondant", 15).list(), fld("TSKCCN", Contact, "Interlocuteur", 15).list(),
			fld("TSKDON", Done, "Effectuée", 0).menuOf(1).list()),
		group("TSK1_1", "Tâche", fld("TSKSTR", Start, "Début", 0).as(day).list(), fld("TSKDAT", Due, "Echéance", 0).as(day).list(),
			fld("TSKREP", Owner, "Tâche à effectuer par", 15).list(), fld("SALFCY", Site, "Site de vente", 5).list(),
			fld("FULOBJ", Subject, "Description", 0).as(text)),
		group("TSK2_1", "Compte-rendu", fld("FULRPO", Report, "Compte-rendu", 0).as(text),
			fld("HOUTIMSPG", Hours, "Temps passé (heures)", 0).as(integer), fld("MINTIMSPG", Minutes, "Temps passé (minutes)", 0).as(integer)),
	}}
}

func representatives() *schema {
	return &schema{object: Representatives, deeds: everyDeed, blocks: []block{
		group("REP0_1", "Représentant", fld("REPNUM", Number, "Représentant", 15).list()),
		group("BPRR_1", "Identité", fld("BPRNAM", Name, "Raison sociale", 35).repeated(2).list()),
	}}
}

func customers() *schema {
	return &schema{object: Customers, deeds: everyDeed, blocks: []block{
		group("BPC0_1", "Client", fld("BPCNUM", Number, "Client", 15).list(), fld("BPCSTA", Active, "Actif", 0).menuOf(1).list()),
		group("BPRC_1", "Identité", fld("BPRNAM", Name, "Raison sociale", 35).repeated(2).list(), fld("CRY", Country, "Pays", 3)),
		tab("BPAC_1", "Adresses", Addresses, 30, fld("CODADR", AddressCode, "Adresse", 5), fld("ADDLIG1", Address, "Ligne", 50),
			fld("POSCOD", PostalCode, "Code postal", 10), fld("CTY", City, "Ville", 40), fld("BPAADDFLG", AddressDefault, "Adresse par défaut", 0).menuOf(1)),
	}}
}

func partners() *schema {
	return &schema{object: Partners, blocks: []block{
		group("BPR0_1", "Tiers", fld("BPRNUM", Number, "Tiers", 15).list(), fld("BPRNAM", Name, "Raison sociale", 35).repeated(2).list(),
			fld("BPCFLG", IsCustomer, "Client", 0).menuOf(1).list(), fld("BPSFLG", IsSupplier, "Fournisseur", 0).menuOf(1).list(),
			fld("REPFLG", IsRep, "Représentant", 0).menuOf(1).list()),
	}}
}

func contacts() *schema {
	return &schema{object: Contacts, prefix: "CCN", counter: "CCN", blocks: []block{
		group("CCN0_1", "Interlocuteur", fld("CCNNUM", Number, "Interlocuteur", 15).list(), fld("CCNLNA", LastName, "Nom", 35).list(),
			fld("CCNFNA", FirstName, "Prénom", 35).list(), fld("CCNCRM", Company, "Tiers", 15).list(), fld("CCNTEL", Phone, "Téléphone", 20),
			fld("CCNEML", Email, "Adresse électronique", 80)),
	}}
}

func users() *schema {
	return &schema{object: Users, blocks: []block{
		group("AUS0_1", "Utilisateur", fld("USR", Number, "Code", 5).list(), fld("NOMUSR", Name, "Nom", 30).list(), fld("ENAFLG", Active, "Actif", 0).menuOf(1).list()),
		group("AUS1_1", "Groupe COL", fld("AUSCRMA", Commercial, "Fonction commerciale", 0).menuOf(1).list(),
			fld("AUSCRMF", Representative, "Code représentant", 15).list()),
	}}
}

func queueLines() *schema {
	return &schema{object: Queue, deeds: []string{opModify, opDelete}, unnumbered: true, blocks: []block{
		group("SYD0_1", "Données synchronisation", fld("SYDNUM", Number, "Ligne", 10).list(), fld("SYDUSR", LineUser, "Utilisateur", 5).list().shown(),
			fld("SYDOBJ", LineObject, "Objet", 3).list().shown(), fld("SYDKEY", LineKey, "Chrono", 15).list().shown(),
			fld("SYDACT", LineAction, "Action", 1).list().shown(), fld("SYDDAT", LineDay, "Date", 0).as(day).list().shown(),
			fld("SYDSTA", LineStatus, "Etat", 0).as(integer).list()),
	}}
}

func anomalyLines() *schema {
	return &schema{object: Anomalies, unnumbered: true, blocks: []block{
		group("SYL0_1", "Gestion des anomalies", fld("SYLNUM", Number, "Ligne", 10).list(), fld("SYLOBJ", LineObject, "Objet", 3).list(),
			fld("SYLKEY", LineKey, "Chrono", 15).list(), fld("SYLFLD", LineField, "Champ", 12).list(), fld("SYLVAL", LineValue, "Valeur", 80).list(),
			fld("SYLTXT", LineCause, "Cause", 80).list(), fld("SYLDAT", LineDay, "Date", 0).as(day).list()),
	}}
}

// schema gives an object as it is shown with the switches and the version. The caller has the lock.
func (s *Server) schema(o Object) *schema {
	var sc *schema
	switch o {
	case Tasks:
		sc = tasks()
	case Calls:
		sc = phoneCalls(s.switches.FieldsCLL)
	case Appointments:
		sc = appointments(s.switches.FieldsBAP)
	case Correspondents:
		sc = correspondents(s.switches.FieldsCOR)
	case Contacts:
		sc = contacts()
	case Customers:
		sc = customers()
	case Partners:
		sc = partners()
	case Representatives:
		sc = representatives()
	case Users:
		sc = users()
	case Settings:
		sc = settings(s.switches.Settings)
	case Queue:
		sc = queueLines()
	case Anomalies:
		sc = anomalyLines()
	}
	if s.opts.Reference != "" && o.synced() {
		sc.blocks[0].fields = append(sc.blocks[0].fields, fld(s.opts.Reference, Reference, "Référence externe", 40).list())
	}
	if !sc.unnumbered {
		sc.blocks = append(sc.blocks, s.stampBlock(o))
	}
	return sc
}

// stampBlock holds who wrote a record, and when.
func (s *Server) stampBlock(o Object) block {
	b := group(string(o)+"9_1", "Suivi", fld("CREDAT", stampCREDAT, "Date de création", 0).as(day), fld("CRETIM", stampCRETIM, "Heure de création", 0).as(integer),
		fld("CREUSR", stampCREUSR, "Créé par", 5), fld("UPDDAT", stampUPDDAT, "Date de modification", 0).as(day),
		fld("UPDTIM", stampUPDTIM, "Heure de modification", 0).as(integer), fld("UPDUSR", stampUPDUSR, "Modifié par", 5))
	if s.switches.UpdDatTim != StampAbsent {
		b.fields = append(b.fields, fld("CREDATTIM", stampCREDATTIM, "Création", 0).as(datetime), fld("UPDDATTIM", stampUPDDATTIM, "Modification", 0).as(datetime),
			fld("AUUID", stampAUUID, "Identifiant", 36), fld("UPDTICK", stampUPDTICK, "Révision", 0).as(integer))
	}
	for i := range b.fields {
		b.fields[i].fixed, b.fields[i].column = true, true
	}
	return b
}

func known(o Object) bool { return slices.Contains(allObjects, o) }
