package sage50fr

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2"

	"syncbox/connectors/record"
	"syncbox/connectors/share"
)

// What bounds the pictures.
const (
	maxPicture   = 8 << 20 // bytes; a larger one is told, and never read
	picturesOnce = 500     // read in one look; the others are left for the next ones
	picturesName = "pictures.json"
)

// pictureEnds are the ends of pictures' names. The first one that a product has counts.
var pictureEnds = []string{".jpg", ".jpeg", ".png"}

// pictures are those of the folder images, by the lower case of their names.
type pictures struct {
	there bool // the folder is
	left  bool // more are new than the latest look read
	files map[string]pictureFile
	path  string
}

type pictureFile struct {
	Name string    `json:"name"`
	Size int64     `json:"size"`
	Time time.Time `json:"time"`
	Hash string    `json:"hash,omitempty"` // of its content; of one that is too large, of its name and size
}

// kept is the form in which pictures are kept.
type keptPictures struct {
	There bool                   `json:"there"`
	Files map[string]pictureFile `json:"files"`
}

func (p *pictures) load(dir string) error {
	p.path, p.files = filepath.Join(dir, picturesName), map[string]pictureFile{}
	text, err := os.ReadFile(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept keptPictures
	if json.Unmarshal(text, &kept) != nil || kept.Files == nil {
		return nil // they are read again
	}
	p.there, p.files = kept.There, kept.Files
	return nil
}

// baseName is the last part of a path as Windows writes it.
func baseName(s string) string {
	s = strings.TrimSpace(s)
	return s[strings.LastIndexAny(s, `/\:`)+1:]
}

// of gives the SHA-256 of a product's picture, by the name that the export tells, else by its code; empty for none.
func (p *pictures) of(product record.Key, image string) string {
	if image != "" {
		return p.files[strings.ToLower(image)].Hash
	}
	name := strings.ToLower(string(product))
	for _, end := range pictureEnds {
		if f, there := p.files[name+end]; there {
			return f.Hash
		}
	}
	return ""
}

func (d *Dossier) images() string { return path.Join(d.out(), "images") }

// lookAtPictures reads the pictures that are new or look otherwise than they did.
func (d *Dossier) lookAtPictures(ctx context.Context) error {
	names, err := fs.ReadDir(d.files, d.images())
	if share.NotThere(err) {
		if d.pictures.there {
			d.pictures.there, d.pictures.files = false, map[string]pictureFile{}
			return d.pictures.save()
		}
		return nil
	}
	if err != nil {
		return share.Fault(err)
	}
	d.pictures.left = false
	now, left, changed := map[string]pictureFile{}, picturesOnce, !d.pictures.there
	for _, n := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		lower := strings.ToLower(n.Name())
		old, known := d.pictures.files[lower]
		info, err := n.Info()
		if !slices.Contains(pictureEnds, path.Ext(lower)) || n.IsDir() || share.NotThere(err) {
			continue
		}
		if err != nil {
			return share.Fault(err)
		}
		same := known && old.Size == info.Size() && old.Time.Equal(info.ModTime())
		if same || left == 0 {
			d.pictures.left = d.pictures.left || !same
			if known {
				now[lower] = old
			}
			continue
		}
		left--
		changed = true
		if f, ok := d.picture(n.Name()); ok {
			now[lower] = f
		} else if known {
			now[lower] = old // somebody is at work on it
		}
	}
	changed = changed || len(now) != len(d.pictures.files)
	if d.pictures.there, d.pictures.files = true, now; changed {
		return d.pictures.save()
	}
	return nil
}

// picture reads one; not ok where it can't be read now, or is being written.
func (d *Dossier) picture(name string) (pictureFile, bool) {
	f, err := d.files.Open(path.Join(d.images(), name))
	if err != nil {
		return pictureFile{}, false
	}
	defer f.Close() // for reading only: its error changes nothing
	before, err := f.Stat()
	if err != nil {
		return pictureFile{}, false
	}
	p := pictureFile{Name: name, Size: before.Size(), Time: before.ModTime()}
	if before.Size() > maxPicture {
		p.Hash = fmt.Sprintf("%x", sha256.Sum256(fmt.Append(nil, strings.ToLower(name), p.Size, p.Time)))
		return p, true
	}
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	after, statErr := f.Stat()
	if err != nil || statErr != nil || n != before.Size() || after.Size() != n || !after.ModTime().Equal(before.ModTime()) {
		return pictureFile{}, false
	}
	p.Hash = hex.EncodeToString(sum.Sum(nil))
	return p, true
}

func (p *pictures) save() error {
	text, err := json.Marshal(keptPictures{p.there, p.files})
	if err != nil {
		return noRoom(err)
	}
	return noRoom(renameio.WriteFile(p.path, text, 0o600))
}

// Picture gives the bytes of the picture with a SHA-256; nil where none has it any more.
func (d *Dossier) Picture(ctx context.Context, sum string) ([]byte, error) {
	if err := errors.Join(ctx.Err(), d.load()); err != nil {
		return nil, err
	}
	for _, f := range d.pictures.files {
		if f.Hash != sum || sum == "" || f.Size > maxPicture {
			continue
		}
		content, err := fs.ReadFile(d.files, path.Join(d.images(), f.Name))
		if share.NotThere(err) {
			continue
		}
		if err != nil {
			return nil, share.Fault(err)
		}
		if now := sha256.Sum256(content); hex.EncodeToString(now[:]) == sum {
			return content, nil
		}
	}
	return nil, nil
}
