// SPDX-License-Identifier: GPL-2.0-or-later

// verify reads a log that klp-repo keeps with Go's own packages for notes and transparency logs (golang.org/x/mod/sumdb),
// which the Go checksum database runs on, and nothing of ours.
//
//	verify LOG-DIR LOG-VKEY WITNESS-VKEY OLD-CHECKPOINT PROOF...
//
// Prints one line for each thing that was verified; exits with 1 at the first that doesn't hold.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "verify: %s: %v\n", what, err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	must("read", err)
	return data
}

// witness verifies C2SP cosignatures, which the package leaves to its users.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newWitness(vkey string) *witness {
	parts := strings.SplitN(vkey, "+", 3)
	raw, err := base64.StdEncoding.DecodeString(parts[2])
	must("witness key", err)
	if len(raw) != 33 || raw[0] != 4 {
		must("witness key", fmt.Errorf("not of type 4"))
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), raw...))
	w := &witness{parts[0], binary.BigEndian.Uint32(sum[:]), raw[1:]}
	if fmt.Sprintf("%08x", w.hash) != parts[1] {
		must("witness key", fmt.Errorf("id %s, want %08x", parts[1], w.hash))
	}
	return w
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }
func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	text := fmt.Sprintf("cosignature/v1\ntime %d\n%s", binary.BigEndian.Uint64(sig), msg)
	return ed25519.Verify(w.key, []byte(text), sig[8:])
}

// checkpoint opens a note by @verifiers, all of which must have signed it.
func checkpoint(data []byte, origin string, verifiers ...note.Verifier) tlog.Tree {
	n, err := note.Open(data, note.VerifierList(verifiers...))
	must("note", err)
	if len(n.Sigs) != len(verifiers) || len(n.UnverifiedSigs) != 0 {
		must("note", fmt.Errorf("%d signatures verified, %d unknown, want %d", len(n.Sigs), len(n.UnverifiedSigs), len(verifiers)))
	}
	lines := strings.Split(n.Text, "\n")
	if lines[0] != origin {
		must("checkpoint", fmt.Errorf("origin %q", lines[0]))
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must("checkpoint", err)
	root, err := tlog.ParseHash(lines[2])
	must("checkpoint", err)
	return tlog.Tree{N: size, Hash: root}
}

// files reads tiles; Go's paths have the height in them, tlog-tiles has always 8.
type files struct{ dir string }

func (f files) Height() int { return 8 }
func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, t := range tiles {
		path := "tile/" + strings.TrimPrefix(t.Path(), "tile/8/")
		data, err := os.ReadFile(filepath.Join(f.dir, path))
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}
func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// entries returns all of them, from the files of 256.
func entries(dir string, size int64) [][]byte {
	var out [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		t := tlog.Tile{H: 8, L: 0, N: n, W: 256}
		if width < 256 {
			t.W = int(width)
		}
		data := read(filepath.Join(dir, strings.Replace(t.Path(), "tile/8/0/", "tile/entries/", 1)))
		for i := 0; i < t.W; i++ {
			l := int(binary.BigEndian.Uint16(data))
			out = append(out, data[2:2+l])
			data = data[2+l:]
		}
		if len(data) != 0 {
			must("entries", fmt.Errorf("%d bytes behind the last one", len(data)))
		}
	}
	return out
}

// proof checks one of ours: RecordProof's order is that of tlog-proof.
func proof(path, origin string, verifiers ...note.Verifier) {
	head, signed, ok := bytes.Cut(read(path), []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || lines[0] != "c2sp.org/tlog-proof@v1" {
		must(path, fmt.Errorf("not a proof"))
	}
	leaf, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	must(path, err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	must(path, err)
	var p tlog.RecordProof
	for _, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		must(path, err)
		p = append(p, h)
	}
	tree := checkpoint(signed, origin, verifiers...)
	must(path, tlog.CheckRecord(p, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
	fmt.Printf("proof: leaf %d of %d\n", index, tree.N)
}

func main() {
	dir := os.Args[1]
	log, err := note.NewVerifier(os.Args[2])
	must("log key", err)
	w := newWitness(os.Args[3])
	tree := checkpoint(read(filepath.Join(dir, "checkpoint")), log.Name(), log, w)
	fmt.Printf("checkpoint: %d leaves, signed by %s, cosigned by %s\n", tree.N, log.Name(), w.Name())

	hashes := tlog.TileHashReader(tree, files{dir})
	root, err := tlog.TreeHash(tree.N, hashes)
	must("tree", err)
	if root != tree.Hash {
		must("tree", fmt.Errorf("another root"))
	}
	for i, e := range entries(dir, tree.N) {
		p, err := tlog.ProveRecord(tree.N, int64(i), hashes)
		must("record", err)
		must("record", tlog.CheckRecord(p, tree.N, tree.Hash, int64(i), tlog.RecordHash(e)))
	}
	fmt.Printf("entries: %d, each one proven by the tiles\n", tree.N)

	old := checkpoint(read(os.Args[4]), log.Name(), log)
	tp, err := tlog.ProveTree(tree.N, old.N, hashes)
	must("consistency", err)
	must("consistency", tlog.CheckTree(tp, tree.N, tree.Hash, old.N, old.Hash))
	fmt.Printf("consistency: %d leaves are the beginning of %d\n", old.N, tree.N)

	for _, path := range os.Args[5:] {
		proof(path, log.Name(), log, w)
	}
}
