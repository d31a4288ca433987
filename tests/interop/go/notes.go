package main

import (
	"bufio"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/note"
)

// verifiers turns vkeys into what note.Open wants; cosignature keys get the verifier below.
func verifiers(vkeys []string) (note.Verifiers, error) {
	var list []note.Verifier
	for _, vkey := range vkeys {
		v, err := note.NewVerifier(vkey)
		if err != nil {
			v, err = newCosigner(vkey)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	return note.VerifierList(list...), nil
}

// cosigner checks tlog-cosignature type 0x04, which x/mod does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("not a vkey: %s", vkey)
	}
	typed, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(typed) != 33 || typed[0] != 4 {
		return nil, fmt.Errorf("not a cosigner's vkey: %s", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), typed...))
	hash := binary.BigEndian.Uint32(sum[:4])
	if fmt.Sprintf("%08x", hash) != parts[1] {
		return nil, fmt.Errorf("vkey with a wrong id: %s", vkey)
	}
	return &cosigner{parts[0], hash, typed[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	if time > math.MaxInt64 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func judgeNotes(in io.Reader, out *bufio.Writer, vkeys []string) error {
	known, err := verifiers(vkeys)
	if err != nil {
		return err
	}
	reader := bufio.NewReaderSize(in, 1<<20)
	var length [4]byte
	for {
		if _, err := io.ReadFull(reader, length[:]); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		message := make([]byte, binary.BigEndian.Uint32(length[:]))
		if _, err := io.ReadFull(reader, message); err != nil {
			return err
		}
		if opened, err := note.Open(message, known); err != nil {
			fmt.Fprintf(out, "refuse %v\n", err)
		} else {
			fmt.Fprintf(out, "accept %d %x\n", len(opened.Sigs), sha256.Sum256([]byte(opened.Text)))
		}
	}
}

// judgeNames opens one unsigned note per code point, named with it: a malformed note means that the
// name was refused, an unverified one that it was allowed.
func judgeNames(out *bufio.Writer) error {
	signature := base64.StdEncoding.EncodeToString([]byte("12345"))
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		_, err := note.Open([]byte(fmt.Sprintf("text\n\n— a%cb %s\n", r, signature)), nil)
		if _, parsed := err.(*note.UnverifiedNoteError); parsed {
			fmt.Fprintf(out, "%x\n", r)
		}
	}
	return nil
}
