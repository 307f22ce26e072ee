package sagex3test

// The codes of these objects are not public. Both sets are invented; they differ in codes, blocks and order.

func phoneCalls(set string) *schema {
	sc := &schema{object: Calls, prefix: "CLL", counter: "ACT", deeds: everyDeed}
	if set == CodesB {
		sc.blocks = []block{
			group("CLLH_1", "Appel", fld("NUMCAL", Number, "Chrono", 15).list(), fld("CALREP", Owner, "Représentant", 15).list(),
				fld("CALDAT", Start, "Date", 0).as(day).list(), fld("BPRCAL", Company, "Tiers", 15).list()),
			group("CLLD_1", "Appel", fld("CALTXT", Subject, "Objet de l'appel", 0).as(text), fld("CALCCN", Contact, "Interlocuteur", 15).list(),
				fld("CALCOR", Correspondent, "Correspondant", 15).list()),
			group("CLLR_1", "Compte-rendu", fld("CALEND", Done, "Effectué", 0).menuOf(1).list(), fld("DURHOU", Hours, "Durée (heures)", 0).as(integer),
				fld("DURMIN", Minutes, "Durée (minutes)", 0).as(integer), fld("CALRPO", Report, "Compte-rendu", 0).as(text)),
		}
		return sc
	}
	sc.blocks = []block{
		group("CLL0_1", "Appel", fld("CLLNUM", Number, "Chrono", 15).list(), fld("CLLCRM", Company, "Tiers", 15).list(),
			fld("CLLCOR", Correspondent, "Correspondant", 15).list(), fld("CLLCCN", Contact, "Interlocuteur", 15).list(),
			fld("CLLDON", Done, "Effectué", 0).menuOf(1).list()),
		group("CLL1_1", "Appel", fld("CLLDAT", Start, "Date", 0).as(day).list(), fld("CLLREP", Owner, "Représentant", 15).list(),
			fld("CLLOBJ", Subject, "Objet de l'appel", 0).as(text)),
		group("CLL2_1", "Compte-rendu", fld("CLLRPO", Report, "Compte-rendu", 0).as(text), fld("CLLHOU", Hours, "Durée de l'appel (heures)", 0).as(integer),
			fld("CLLMNT", Minutes, "Durée de l'appel (minutes)", 0).as(integer)),
	}
	return sc
}

func appointments(set string) *schema {
	sc := &schema{object: Appointments, prefix: "BAP", counter: "ACT", deeds: everyDeed}
	if set == CodesB {
		sc.blocks = []block{
			group("RDVH_1", "Rendez-vous", fld("RDVNUM", Number, "Chrono", 15).list(), fld("RDVREP", Owner, "Représentant", 15).list(),
				fld("RDVBPR", Company, "Tiers", 15).list(), fld("RDVEFF", Done, "Effectué", 0).menuOf(1).list()),
			group("RDVD_1", "Rendez-vous", fld("DATDEB", Start, "Début", 0).as(day).list(), fld("HEUDEB", StartTime, "Heure de début", 4).as(hour).list(),
				fld("DATFIN", End, "Fin", 0).as(day).list(), fld("HEUFIN", EndTime, "Heure de fin", 4).as(hour).list()),
			tab("RDVI_1", "Collaborateurs", Coworkers, 10, fld("REPINT", Coworker, "Intervenant", 15)),
			tab("RDVV_1", "Personnes à visiter", Visited, 10, fld("CNTVIS", Visit, "Personne à visiter", 15)),
			group("RDVR_1", "Compte-rendu", fld("RDVCPR", Report, "Compte-rendu", 0).as(text), fld("RDVOBJ", Subject, "Objectif", 0).as(text)),
		}
		return sc
	}
	sc.blocks = []block{
		group("BAP0_1", "Rendez-vous", fld("BAPNUM", Number, "Chrono", 15).list(), fld("BAPCRM", Company, "Tiers", 15).list(),
			fld("BAPDON", Done, "Effectué", 0).menuOf(1).list(), fld("BAPREP", Owner, "Représentant", 15).list()),
		group("BAP1_1", "Rendez-vous", fld("BAPSTR", Start, "Début", 0).as(day).list(), fld("BAPSTH", StartTime, "Heure de début", 4).as(hour).list(),
			fld("BAPEND", End, "Fin", 0).as(day).list(), fld("BAPENH", EndTime, "Heure de fin", 4).as(hour).list(), fld("BAPOBJ", Subject, "Objectif", 0).as(text)),
		tab("BAP1_2", "Personnes à visiter", Visited, 20, fld("BAPVIS", Visit, "Personne à visiter", 15)),
		tab("BAP2_1", "Collaborateurs", Coworkers, 20, fld("BAPCOL", Coworker, "Intervenant", 15)),
		group("BAP3_1", "Compte-rendu", fld("BAPRPO", Report, "Compte-rendu", 0).as(text)),
	}
	return sc
}

func correspondents(set string) *schema {
	sc := &schema{object: Correspondents, prefix: "COR", counter: "COR", deeds: everyDeed}
	if set == CodesB {
		sc.blocks = []block{
			group("CNTH_1", "Correspondant", fld("CNTNUM", Number, "Correspondant", 15).list(), fld("CNTREP", Owner, "Représentant", 15).list(),
				fld("CNTNOM", LastName, "Nom", 35).list(), fld("CNTPRE", FirstName, "Prénom", 35).list(), fld("CNTCIV", Title, "Titre", 0).menuOf(941)),
			group("CNTC_1", "Coordonnées", fld("CNTBUR", Phone, "Téléphone bureau", 20), fld("CNTDOM", HomePhone, "Téléphone domicile", 20),
				fld("CNTMOB", Mobile, "Portable", 20), fld("CNTMEL", Email, "Adresse électronique", 80)),
			group("CNTP_1", "Professionnel", fld("CNTBPR", Company, "Tiers", 15).list(), fld("CNTFON", Function, "Fonction", 40), fld("CNTSER", Service, "Service", 40),
				fld("CNTADR", Address, "Adresse", 50).repeated(3), fld("CNTCP", PostalCode, "Code postal", 10), fld("CNTVIL", City, "Ville", 40),
				fld("CNTPAY", Country, "Pays", 3), fld("CNTCCN", Contact, "Interlocuteur", 15)),
			group("CNTN_1", "Note", fld("CNTNOT", Note, "Note", 0).as(text)),
		}
		return sc
	}
	sc.blocks = []block{
		group("COR0_1", "Correspondant", fld("CORNUM", Number, "Correspondant", 15).list(), fld("CORTTL", Title, "Titre", 0).menuOf(941),
			fld("CORLNA", LastName, "Nom", 35).list(), fld("CORFNA", FirstName, "Prénom", 35).list(), fld("CORREP", Owner, "Représentant", 15).list()),
		group("COR1_1", "Professionnel", fld("CORCRM", Company, "Tiers", 15).list(), fld("CORCCN", Contact, "Interlocuteur", 15), fld("CORFNC", Function, "Fonction", 40),
			fld("CORSRV", Service, "Service", 40), fld("CORADD", Address, "Adresse", 50).repeated(3), fld("CORPOS", PostalCode, "Code postal", 10),
			fld("CORCTY", City, "Ville", 40), fld("CORCRY", Country, "Pays", 3)),
		group("COR2_1", "Téléphones", fld("CORTEL", Phone, "Téléphone bureau", 20), fld("CORHOM", HomePhone, "Téléphone domicile", 20),
			fld("CORMOB", Mobile, "Portable", 20), fld("CORWEB", Email, "Adresse électronique", 80)),
		group("COR3_1", "Note", fld("CORNOT", Note, "Note", 0).as(text)),
	}
	return sc
}
