// Package acomba reads a company folder of Acomba Desktop on a Windows share, and writes customers back
// where a site allows it.
//
// Acomba Desktop is a 32-bit Windows accounting program (ACCEO); its public pages are at acomba.com. It
// keeps one folder per company, by convention C:\F1000.dta\<company>, with card files, disposable index
// files and reports. Acomba X is another, client/server product, which this package does not serve.
//
// Confirmed by public sources: the folder convention; cards numbered by position (CardPos), each with a
// status apart from the active flag; the control card 1 of some files; the code 1 of an invoice; the line
// types 1 product, 7 freight, 8 tax; the languages 9 English and 12 French; five phone slots with free
// descriptions and three e-mails; 90 characters for a line's description; that index files can be ignored
// and that an exclusive "remonte" rebuilds them.
//
// Not public: file names, card sizes, encodings, locks, the other codes. All of that stands in a layout
// file (package layout) that is calibrated on a real folder, per version of the program. The embedded
// layouts refacomba/… are invented for tests and demonstrations and claim no match with the product.
//
// Switches of a site, in Config: which kinds of documents are read, whether a superseded document keeps
// its amounts, which customer owns a document, how a name is split, which phone slot is the mobile, and
// whether a province is taken out of the city.
//
// How a look goes: the folder is listed, the program's version names the layout, an exclusive marker ends
// the look; all files are read once (package scan), and this one pass feeds the probes of the layout,
// the vote on the code page and the signs of an older copy. Only if all of these are content are changed
// blocks read again after the quiet time, and only cards that stood still are told, as the records they
// touch: a customer card is an account and a contact, a line is its document, a payment term is every
// account that uses it.
//
// A document shows what its lines say, not what the product's card says today; PRODUCT is read only when
// a layout is verified in full.
package acomba
