package manifest

import (
	"fmt"
	"io"
	"net/url"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// WriteSBOM writes the bill of materials as CycloneDX 1.6 in JSON. The same manifest gives the same bytes.
func (m *Manifest) WriteSBOM(w io.Writer) error {
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &cdx.Component{
		BOMRef: "image", Type: cdx.ComponentTypeFirmware, Name: m.Name, Version: m.Version, Hashes: hashes(m.Image),
	}}
	components := m.components()
	bom.Components = &components
	refs := make([]string, len(components))
	for i, c := range components {
		refs[i] = c.BOMRef
	}
	bom.Dependencies = &[]cdx.Dependency{{Ref: "image", Dependencies: &refs}}
	e := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON)
	if err := e.SetPretty(true).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return fmt.Errorf("write bill of materials: %w", err)
	}
	return nil
}

func (m *Manifest) components() []cdx.Component {
	all := []cdx.Component{{
		BOMRef: "binary", Type: cdx.ComponentTypeApplication, Name: m.Binary.Name, Version: m.Version, Hashes: hashes(m.Binary),
	}}
	for _, p := range m.Packages {
		purl := "pkg:deb/debian/" + escape(p.Name) + "@" + escape(p.Version) + "?arch=arm64"
		all = append(all, cdx.Component{
			BOMRef: purl, PackageURL: purl, Type: cdx.ComponentTypeOS, Name: p.Name, Version: p.Version,
			Hashes:     &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: p.SHA256}},
			Properties: &[]cdx.Property{{Name: "debian:source", Value: p.Source}},
		})
	}
	for _, g := range append([]Module{{Path: "std", Version: m.Go}}, m.Modules...) {
		purl := "pkg:golang/" + strings.ReplaceAll(escape(g.Path), "%2F", "/") + "@" + escape(g.Version)
		c := cdx.Component{BOMRef: purl, PackageURL: purl, Type: cdx.ComponentTypeLibrary, Name: g.Path, Version: g.Version}
		if g.Sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: g.Sum}}
		}
		all = append(all, c)
	}
	for _, f := range m.Boot {
		all = append(all, cdx.Component{BOMRef: "boot/" + f.Name, Type: cdx.ComponentTypeFile, Name: "boot/" + f.Name, Hashes: hashes(f)})
	}
	for _, f := range m.SlotFiles {
		all = append(all, cdx.Component{BOMRef: "slot/" + f.Name, Type: cdx.ComponentTypeFile, Name: "slot/" + f.Name, Hashes: hashes(f)})
	}
	return all
}

func hashes(f File) *[]cdx.Hash {
	return &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: f.SHA256}}
}

// escape writes a part of a package URL, percent-encoded.
func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
