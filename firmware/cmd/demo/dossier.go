package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"time"

	"syncbox/connectors/sage50fr/sage50test"
	"syncbox/connectors/salesmanagement/salesmanagementtest"
	"syncbox/firmware/internal/app"
	"syncbox/firmware/internal/storytest"
)

// dossier is the story of a dossier of Sage 50 and the representatives who work with Sage Sales Management. Whoever sits at Sage imports
// what waits on the share, and exports what that changed.
type dossier struct {
	storytest.Exchanged
	dir string
	end context.CancelFunc
	at  chan error // the person at Sage
}

var _ story = (*dossier)(nil)

// shop is what the dossier has before the box comes; some of its products have a picture.
var shop = sage50test.Options{Dossiers: []string{"DUPONT"}, Clients: 40, Prospects: 10, ContactsEach: 2, Articles: 30, Representatives: 3}

const (
	pictured = 10
	// representative is the user of the tenant who works on the road.
	representative = 2
	// importAfter is how long an import file waits for the person at Sage.
	importAfter = time.Second
)

const dossierSettings = `pair = "sage50-salesmanagement"
interval = "1s"

[job.share]
kind = "directory"
path = %q

[job.sage50]
dossier = "DUPONT"
settle = "200ms"
settle_pieces = "200ms"
deleted_after = "1s"

[job.salesmanagement]
url = %q
rate = 100.0
admin_user = "admin@example.com"
branch = 1
max_server_late = "2s"
`

func (d *dossier) open(dir string, _ options) (settings, secrets string, err error) {
	var ctx context.Context
	ctx, d.end = context.WithCancel(context.Background())
	d.dir, d.Dossier = dir, shop.Dossiers[0]
	root, site := filepath.Join(dir, "share"), shop
	site.Start = time.Now()
	if d.Sage, err = sage50test.Create(root, site); err != nil {
		return "", "", err
	}
	crm, at, err := salesmanagementtest.Listen(ctx, salesmanagementtest.Options{Seed: 1, Rate: -1})
	if err != nil {
		return "", "", err
	}
	d.CRM = crm
	crm.Fill(salesmanagementtest.Seed{Users: 1})
	for i, code := range d.Sage.Codes(d.Dossier, sage50test.Articles)[:pictured] {
		if err := d.picture(code, uint8(i)); err != nil {
			return "", "", err
		}
	}
	if err := d.Sage.ExportAll(d.Dossier); err != nil {
		return "", "", err
	}
	d.Sage.SetHabits(sage50test.Habits{Imports: true, ImportAfter: importAfter, AnswerAfter: true})
	d.at = make(chan error, 1)
	go func() { d.at <- d.Sage.Run(ctx, 100*time.Millisecond) }()
	return jobSettings + fmt.Sprintf(dossierSettings, root, at), jobSecrets + "public_key = \"PUBLIC\"\nprivate_key = \"PRIVATE\"\n", nil
}

// picture gives a product one; another shade is another picture.
func (d *dossier) picture(code string, shade uint8) error {
	pic := image.NewGray(image.Rect(0, 0, 32, 32))
	for i := range pic.Pix {
		pic.Pix[i] = color.Gray{Y: shade}.Y
	}
	var b bytes.Buffer
	if err := png.Encode(&b, pic); err != nil {
		return err
	}
	return d.Sage.SetImage(d.Dossier, code, ".png", b.Bytes())
}

// pictures counts the pictures that were sent for a product.
func (d *dossier) pictures(code string) int {
	p, _ := d.Known(salesmanagementtest.Products, code)
	return len(d.CRM.Documents(p.ID))
}

func (d *dossier) signIn(context.Context, *app.SignIns) error { return nil }

func (d *dossier) close() error {
	if d.end != nil {
		d.end()
	}
	if d.at == nil {
		return nil
	}
	return <-d.at
}

// whole holds both sides against each other, and the first pictures with them.
func (d *dossier) whole() error {
	wrong, err := d.Missing()
	for _, code := range d.Sage.Codes(d.Dossier, sage50test.Articles)[:pictured] {
		if d.pictures(code) == 0 {
			wrong = append(wrong, "picture of "+code)
		}
	}
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("%d records are not as they should be: %s", len(wrong), storytest.Some(wrong))
	}
	if err != nil {
		return err
	}
	return d.Forbidden()
}
