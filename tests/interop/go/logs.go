package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8
const tileWidth = 1 << tileHeight

type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

type findings struct {
	Size       int64    `json:"size"`
	Root       string   `json:"root"`
	Records    int      `json:"records"`
	Old        int      `json:"old"`
	Proofs     int      `json:"proofs"`
	Signatures int      `json:"signatures"`
	Mismatches []string `json:"mismatches"`
}

// checkLog rebuilds the log in a directory and judges all that was published about it.
func checkLog(arguments []string) (any, error) {
	if len(arguments) < 2 {
		return nil, fmt.Errorf("log needs a directory and a vkey")
	}
	flags := flag.NewFlagSet("log", flag.ContinueOnError)
	sample := flags.Int("sample", 100, "how many records to prove from the tiles")
	var old, proofs, witnesses list
	flags.Var(&old, "old", "an older checkpoint")
	flags.Var(&proofs, "proof", "a .tlog-proof file")
	flags.Var(&witnesses, "witness", "a witness's vkey")
	if err := flags.Parse(arguments[2:]); err != nil {
		return nil, err
	}
	known, err := verifiers(append([]string{arguments[1]}, witnesses...))
	if err != nil {
		return nil, err
	}
	head, signatures, err := readCheckpoint(filepath.Join(arguments[0], "checkpoint"), known)
	if err != nil {
		return nil, err
	}
	found := &findings{Size: head.N, Root: hex.EncodeToString(head.Hash[:]), Signatures: signatures, Mismatches: []string{}}
	miss := func(format string, values ...any) {
		found.Mismatches = append(found.Mismatches, fmt.Sprintf(format, values...))
	}
	storage, err := store(arguments[0])
	if err != nil {
		miss("bundles: %v", err)
		return found, nil
	}
	if root, err := tlog.TreeHash(storage.size, storage); err != nil || storage.size != head.N || root != head.Hash {
		miss("the bundles hold %d entries under %v, the checkpoint says %d under %v", storage.size, root, head.N, head.Hash)
		return found, nil
	}
	if err := compareTiles(arguments[0], storage); err != nil {
		miss("tiles: %v", err)
	}
	reader := tlog.TileHashReader(head, tiles(arguments[0]))
	for i := 0; i < *sample && head.N > 0; i++ {
		n := rand.Int63n(head.N)
		proof, err := tlog.ProveRecord(head.N, n, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, head.N, head.Hash, n, storage.leaf(n))
		}
		if err != nil {
			miss("record %d: %v", n, err)
		}
		found.Records++
	}
	for _, path := range old {
		if err := checkOld(path, known, head, reader); err != nil {
			miss("%s: %v", path, err)
		}
		found.Old++
	}
	for _, path := range proofs {
		if err := checkProof(path, known, storage); err != nil {
			miss("%s: %v", path, err)
		}
		found.Proofs++
	}
	return found, nil
}

func checkOld(path string, known note.Verifiers, head tlog.Tree, reader tlog.HashReader) error {
	old, _, err := readCheckpoint(path, known)
	if err != nil {
		return err
	}
	proof, err := tlog.ProveTree(head.N, old.N, reader)
	if err != nil {
		return err
	}
	return tlog.CheckTree(proof, head.N, head.Hash, old.N, old.Hash)
}

func checkProof(path string, known note.Verifiers, storage *hashes) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	top, signed, found := strings.Cut(string(file), "\n\n")
	if !found {
		return fmt.Errorf("no blank line")
	}
	lines := strings.Split(top, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("another header: %s", lines[0])
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[0], "index "), 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	head, _, err := openCheckpoint([]byte(signed), known)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, head.N, head.Hash, index, storage.leaf(index))
}

func readCheckpoint(path string, known note.Verifiers) (tlog.Tree, int, error) {
	message, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	return openCheckpoint(message, known)
}

func openCheckpoint(message []byte, known note.Verifiers) (tlog.Tree, int, error) {
	opened, err := note.Open(message, known)
	if err != nil {
		return tlog.Tree{}, 0, err
	}
	// x/mod's own parser wants the Go checksum database's first line and takes the rest as it is.
	_, rest, _ := strings.Cut(opened.Text, "\n")
	tree, err := tlog.ParseTree([]byte("go.sum database tree\n" + rest))
	return tree, len(opened.Sigs), err
}

// rebuild is the whole re-verification of the entries, for comparing speed.
func rebuild(arguments []string) (any, error) {
	storage, err := store(arguments[0])
	if err != nil {
		return nil, err
	}
	root, err := tlog.TreeHash(storage.size, storage)
	return &findings{Size: storage.size, Root: hex.EncodeToString(root[:])}, err
}

// hashes keeps every hash of a tree in x/mod's storage order.
type hashes struct {
	size int64
	all  []tlog.Hash
}

func (h *hashes) leaf(n int64) tlog.Hash { return h.all[tlog.StoredHashIndex(0, n)] }

func (h *hashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	result := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(h.all)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		result[i] = h.all[index]
	}
	return result, nil
}

// store reads all bundles of a directory into x/mod's storage.
func store(directory string) (*hashes, error) {
	storage := &hashes{}
	for index := int64(0); ; index++ {
		bundle, width, err := readBundle(directory, index)
		if err != nil || width == 0 {
			return storage, err
		}
		for count := 0; len(bundle) > 0; count++ {
			if len(bundle) < 2 || len(bundle) < 2+int(binary.BigEndian.Uint16(bundle)) || count == width {
				return nil, fmt.Errorf("bundle %d does not end with an entry", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bundle))
			added, err := tlog.StoredHashes(storage.size, bundle[2:end], storage)
			if err != nil {
				return nil, err
			}
			storage.all = append(storage.all, added...)
			storage.size++
			bundle = bundle[end:]
		}
		if storage.size != index*tileWidth+int64(width) {
			return nil, fmt.Errorf("bundle %d is not %d wide", index, width)
		}
		if width < tileWidth {
			return storage, nil
		}
	}
}

// readBundle gives a full bundle, or the widest partial one, or width 0 after the last.
func readBundle(directory string, index int64) ([]byte, int, error) {
	path := filepath.Join(directory, tilePath(tlog.Tile{H: tileHeight, L: -1, N: index, W: tileWidth}))
	if full, err := os.ReadFile(path); err == nil {
		return full, tileWidth, nil
	}
	partial, _ := os.ReadDir(path + ".p")
	widest := 0
	for _, entry := range partial {
		if width, err := strconv.Atoi(entry.Name()); err == nil && width > widest {
			widest = width
		}
	}
	if widest == 0 {
		return nil, 0, nil
	}
	bundle, err := os.ReadFile(filepath.Join(path+".p", strconv.Itoa(widest)))
	return bundle, widest, err
}

// compareTiles compares every tile that a log of this size has with the same made by x/mod.
func compareTiles(directory string, storage *hashes) error {
	for _, tile := range tlog.NewTiles(tileHeight, 0, storage.size) {
		if tile.W < tileWidth && int64(tile.W) != storage.size>>(tileHeight*tile.L)%tileWidth {
			continue // x/mod lists the partial tiles of all smaller sizes too
		}
		wanted, err := tlog.ReadTileData(tile, storage)
		if err != nil {
			return err
		}
		kept, err := os.ReadFile(filepath.Join(directory, tilePath(tile)))
		if err != nil {
			return err
		}
		if !bytes.Equal(wanted, kept) {
			return fmt.Errorf("%s differs: %s", tilePath(tile), base64.StdEncoding.EncodeToString(kept[:32]))
		}
	}
	return nil
}

// tiles reads tiles from a directory for x/mod's verifying reader.
type tiles string

func (t tiles) Height() int                     { return tileHeight }
func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}
func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var result [][]byte
	for _, tile := range wanted {
		content, err := os.ReadFile(filepath.Join(string(t), tilePath(tile)))
		if err != nil {
			return nil, err
		}
		result = append(result, content)
	}
	return result, nil
}

// tilePath is x/mod's path without the height, which C2SP tlog-tiles fixes.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}
