// Package dbf reads and writes the dBASE tables through which Sage BOB 50's module LINK takes data in, with the field types C,
// N, D, L and M, and the memo files (.FPT) of Visual FoxPro.
//
// The layout is Microsoft's, "Table File Structure" and "Memo File Structure" of the Visual FoxPro documentation. What is read
// may be type 03 (dBASE III+), 30, 31 (Visual FoxPro), 83, 8B or F5 (with a memo file); what is written is type 03, code page
// 1252. All integers are little-endian, but for the memo file's.
package dbf
