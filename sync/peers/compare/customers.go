package compare

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
)

// Columns of the customers' file; the first identifies a row.
const columns = "id,number,name,contact,address,city,province,postal_code,country,phone,fax,email,website,terms,rep,territory,category,language,currency,credit_limit,discount,since,comment"

// Customers are the rows of a CSV file that is made anew for each round: in each but the first, Changed of them have
// another telephone number, some of these a longer one. The same numbers give the same bytes.
type Customers struct {
	Rows    int
	Changed int
}

// Write puts the file of a round (0 = the first) into its place, as programs do that write one: aside, then renamed.
func (c Customers) Write(path string, round int) error {
	f, err := os.Create(path + ".tmp")
	if err != nil {
		return err
	}
	defer f.Close()
	since := map[int]int{} // the last round that changed a row
	for r := 1; r <= round; r++ {
		for _, n := range c.changed(r) {
			since[n] = r
		}
	}
	w := bufio.NewWriterSize(f, 1<<20)
	w.WriteString(columns + "\n")
	for n := range c.Rows {
		c.row(w, n, since[n])
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}

// Expect gives the rows that a round changes, with their new telephone numbers.
func (c Customers) Expect(round int) map[string]string {
	want := map[string]string{}
	for _, n := range c.changed(round) {
		want[id(n)] = phone(n, round)
	}
	return want
}

// changed picks the rows that a round changes.
func (c Customers) changed(round int) []int {
	return rand.New(rand.NewPCG(uint64(round), 1)).Perm(c.Rows)[:c.Changed]
}

func id(n int) string { return fmt.Sprintf("C%06d", n+1) }

func phone(n, round int) string {
	number := fmt.Sprintf("418-%03d-%04d", 200+(n+round)%800, (n*7+round*13)%10000)
	if round > 0 && n%3 == 0 {
		number += fmt.Sprintf(" poste %d", round)
	}
	return number
}

var (
	firsts  = strings.Fields("Luc Marie Jean Sylvie Pierre Nathalie Michel Josée André Chantal Guy Manon Réal Line Denis")
	lasts   = strings.Fields("Tremblay Gagnon Roy Côté Bouchard Gauthier Morin Lavoie Fortin Gagné Ouellet Pelletier Bélanger")
	trades  = strings.Fields("Plomberie Électricité Toitures Menuiserie Excavation Quincaillerie Boulangerie Imprimerie Transport")
	streets = strings.Fields("Principale Saint-Jean Notre-Dame Laurier Commerciale Sainte-Anne Royale Champlain Industrielle")
	cities  = strings.Fields("Québec Lévis Saguenay Rimouski Trois-Rivières Drummondville Victoriaville Alma Montmagny")
	words   = strings.Fields("livraison le matin seulement facture mensuelle bon de commande obligatoire appeler avant paiement comptant client depuis longtemps entrepôt arrière quai deux")
)

// row writes one row, of about 480 bytes; round is the last one that changed it.
func (c Customers) row(w *bufio.Writer, n, round int) {
	pick := func(from []string, salt int) string { return from[(n*31+salt*17+n/7)%len(from)] }
	first, last := pick(firsts, 1), pick(lasts, 2)
	mail := strings.ToLower(fmt.Sprintf("info%d@exemple-%d.example", n, n%977))
	fmt.Fprintf(w, `%s,CL-%05d,"%s %s, %s inc.",%s %s,"%d, rue %s, bureau %d",%s,QC,G%dA %dB%d,Canada,%s,418-%03d-%04d,%s,https://www.exemple-%d.example/clients/%d,Net 30,R%02d,Région %02d,Catégorie %d,fr,CAD,%d.00,%d.5,20%02d-%02d-%02d,"`,
		id(n), n+1, pick(trades, 3), last, first, first, last, 1+n%9000, pick(streets, 4), 100+n%50, pick(cities, 5),
		1+n%9, 1+n%8, 1+n%7, phone(n, round), 200+n%800, (n*11)%10000, mail, n%977, n, n%40, n%25, n%12,
		1000+500*(n%40), n%20, n%26, 1+n%12, 1+n%28)
	for size, i := 176, 0; size > 0; i++ {
		word := pick(words, i)
		fmt.Fprintf(w, "%s ", word)
		size -= len(word) + 1
	}
	w.WriteString("réf. ")
	fmt.Fprintf(w, "%d\"\n", n*13)
}
