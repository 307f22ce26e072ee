// Package sagecrm reads and writes the companies and persons of Sage CRM, over its SOAP web services or its REST interface
// (SData 2.0).
//
// Confirmed by the maker's help, its community and traffic of a production site: the addresses; log-on and log-off with a
// session in the header of each call; query and next, by batches, which any other call closes; queryid, which tells what was
// created, updated and deleted since a day; predicates with the names of the database (comp_name) and answers with short
// ones (name); local times without a zone; addresses, phones and e-mails nested under their company; HTTP Basic, where,
// startIndex and count of REST, and PUT for updates.
//
// Not known, and therefore a setting or read in every form: the namespaces of envelopes (Config.Profile), the columns of the
// VAT number and of the BobSync box, multi-value fields, captions instead of codes, the forms of a ticked box, how nested
// lists are written, whether persons nest theirs, whether an edit of a phone or an address moves its company's time of
// change, whether queryid is there and tells deletions, whether REST counts from 0 or from 1, the keys and errors of its
// answers, and PATCH instead of PUT.
//
// No write has a condition here: what is about to be overwritten is read and compared first, and read again afterwards. What
// was created without an answer is looked for before it may be sent again. Nothing is ever deleted.
//
// The log-on and the id of the session are secrets: they stand in bodies and headers alone, never in an address. What the
// server says of a refused record is told without the record's values.
package sagecrm
