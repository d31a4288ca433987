// Command packages judges a package with Go's own x/mod/sumdb, which shares no code with Witnessmark.
//
//	packages DIR VKEY     checkpoints, every proof, and the seal over the payload manifest
package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("say a folder and a vkey"))
	}
	count, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fail(err)
	}
	fmt.Printf("%d entries proven\n", count)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func check(dir, vkey string) (int, error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return 0, err
	}
	known := note.VerifierList(verifier)
	for _, name := range []string{"checkpoint", "checkpoint.cosigned"} {
		if _, _, err := head(filepath.Join(dir, "custody", name), known); err != nil {
			return 0, fmt.Errorf("%s: %w", name, err)
		}
	}
	proofs, err := filepath.Glob(filepath.Join(dir, "custody/proofs/*.tlog-proof"))
	if err != nil {
		return 0, err
	}
	highest := int64(-1)
	for _, path := range proofs {
		index, err := prove(dir, path, known)
		if err != nil {
			return 0, fmt.Errorf("%s: %w", path, err)
		}
		highest = max(highest, index)
	}
	return len(proofs), seal(dir, highest)
}

func max(a, b int64) int64 {
	if a > b {
		return a
	}
	return b
}

func head(path string, known note.Verifiers) (int64, tlog.Hash, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	return open(text, known)
}

func open(text []byte, known note.Verifiers) (int64, tlog.Hash, error) {
	var root tlog.Hash
	opened, err := note.Open(text, known)
	if err != nil {
		return 0, root, err
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, root, err
	}
	hash, err := base64.StdEncoding.DecodeString(lines[2])
	copy(root[:], hash)
	return size, root, err
}

func prove(dir, path string, known note.Verifiers) (int64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	parts := strings.SplitN(string(text), "\n\n", 2)
	size, root, err := open([]byte(parts[1]), known)
	if err != nil {
		return 0, err
	}
	lines := strings.Split(parts[0], "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	if err != nil {
		return 0, err
	}
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, err
		}
		proof = append(proof, hash)
	}
	entry, err := os.ReadFile(filepath.Join(dir, "custody/entries", strconv.FormatInt(index, 10)))
	if err != nil {
		return 0, err
	}
	return index, tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry))
}

func seal(dir string, index int64) error {
	entry, err := os.ReadFile(filepath.Join(dir, "custody/entries", strconv.FormatInt(index, 10)))
	if err != nil {
		return err
	}
	var action struct {
		Type   string
		Detail struct{ Manifest, Tags string }
	}
	if err := json.Unmarshal(entry, &action); err != nil {
		return err
	}
	sealed := map[string]string{
		"manifest-sha256.txt":       action.Detail.Manifest,
		"custody/sealed-sha256.txt": action.Detail.Tags,
	}
	for name, due := range sealed {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return err
		}
		if sum := sha256.Sum256(text); action.Type != "package.sealed" || hex.EncodeToString(sum[:]) != due {
			return fmt.Errorf("%s is not what was sealed", name)
		}
	}
	return nil
}
