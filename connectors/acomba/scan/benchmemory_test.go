package scan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"syncbox/connectors/share"
)

// lookFolder names the folder that a child process of this test looks at, so that its memory is the look's
// alone: the card file lies in it, the notes in its folder notes.
const lookFolder = "SYNCBOX_BENCH_SCAN"

// TestMain is that child process where a benchmark asks for it.
func TestMain(m *testing.M) {
	dir := os.Getenv(lookFolder)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := lookAlone(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// lookAlone looks once, and prints how many cards had changed and the most memory that the process ever had,
// in KiB.
func lookAlone(dir string) error {
	ctx := context.Background()
	files, err := share.Open(ctx, share.Config{Kind: share.Directory, Path: dir}, nil)
	if err != nil {
		return err
	}
	defer files.Close()
	s := newSight(files, folderNotes(filepath.Join(dir, "notes")))
	if err := s.detect(ctx); err != nil {
		return err
	}
	changed, err := s.settle(ctx)
	if err != nil {
		return err
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return err
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	fmt.Println(changed, strings.Fields(peak)[0])
	return nil
}

// BenchmarkDetectMemory is the most memory of a process that looks once for 100 changed cards among 1,000,000
// of 512 bytes, and does nothing else: detect_rss_mib is its VmHWM, goal at most 24. first_look_rss_mib is that
// of a first look, which finds all.
func BenchmarkDetectMemory(b *testing.B) {
	for b.Loop() {
		dir := b.TempDir()
		path := filepath.Join(dir, benchFile)
		writeCards(b, path)
		must(b, os.Mkdir(filepath.Join(dir, "notes"), 0o755))
		b.ReportMetric(peakOfLook(b, dir, benchCards), "first_look_rss_mib")
		change(b, path, rand.New(rand.NewPCG(1, 1)))
		b.ReportMetric(peakOfLook(b, dir, benchChanged), "detect_rss_mib")
	}
	b.ReportMetric(0, "ns/op")
}

// peakOfLook has a child process look, which must find so many changed cards, and gives its peak in MiB.
func peakOfLook(b *testing.B, dir string, want int) float64 {
	child := exec.CommandContext(b.Context(), os.Args[0])
	child.Env, child.Stderr = append(os.Environ(), lookFolder+"="+dir), os.Stderr
	out, err := child.Output()
	must(b, err)
	found, peak, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	if found != strconv.Itoa(want) {
		b.Fatalf("found %s changed cards, want %d", found, want)
	}
	kib, err := strconv.ParseFloat(peak, 64)
	must(b, err)
	return kib / 1024
}
