// Command checker judges Witnessmark's logs with Go's own x/mod/sumdb, which shares no code with it.
//
//	checker log DIR VKEY [-sample N] [-old FILE]... [-proof FILE]... [-witness VKEY]...
//	checker rebuild DIR            root and size from the entry bundles alone, through x/mod's storage
//	checker notes VKEY...          length-prefixed notes on stdin, one "accept" or "refuse why" each
//	checker names                  which code points x/mod allows in a key name
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 {
		fail(fmt.Errorf("say log, rebuild, notes or names"))
	}
	out := bufio.NewWriter(os.Stdout)
	var err error
	switch arguments := os.Args[2:]; os.Args[1] {
	case "log":
		err = report(out, func() (any, error) { return checkLog(arguments) })
	case "rebuild":
		err = report(out, func() (any, error) { return rebuild(arguments) })
	case "notes":
		err = judgeNotes(os.Stdin, out, arguments)
	case "names":
		err = judgeNames(out)
	default:
		err = fmt.Errorf("unknown verb %q", os.Args[1])
	}
	out.Flush()
	if err != nil {
		fail(err)
	}
}

func report(out *bufio.Writer, work func() (any, error)) error {
	result, err := work()
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
