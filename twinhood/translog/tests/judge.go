// Judge reads a log in C2SP's layout with Go's own packages, of which none is ours.
//
// judge VKEY FOLDER INDEX OLDER: verify the checkpoint's signature, read the tiles against its
// root, prove leaf INDEX and that the checkpoint in the file OLDER begins the log; print it all.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The layout differs in names alone: tile/8/L/N here, tile/L/N there.
type folder string

func (f folder) Height() int                           { return 8 }
func (f folder) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var found [][]byte
	for _, tile := range tiles {
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(string(f), name))
		if err != nil {
			return nil, err
		}
		found = append(found, data)
	}
	return found, nil
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func read(path string, verifier note.Verifier) tlog.Tree {
	data, err := os.ReadFile(path)
	must(err)
	opened, err := note.Open(data, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return tlog.Tree{N: size, Hash: root}
}

func words(hashes []tlog.Hash) []string {
	told := []string{}
	for _, hash := range hashes {
		told = append(told, hash.String())
	}
	return told
}

func main() {
	verifier, err := note.NewVerifier(os.Args[1])
	must(err)
	tree := read(filepath.Join(os.Args[2], "checkpoint"), verifier)
	older := read(os.Args[4], verifier)
	index, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err)
	reader := tlog.TileHashReader(tree, folder(os.Args[2]))

	hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	must(err)
	inclusion, err := tlog.ProveRecord(tree.N, index, reader)
	must(err)
	must(tlog.CheckRecord(inclusion, tree.N, tree.Hash, index, hashes[0]))
	consistency, err := tlog.ProveTree(tree.N, older.N, reader)
	must(err)
	must(tlog.CheckTree(consistency, tree.N, tree.Hash, older.N, older.Hash))

	must(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"size": tree.N, "root": tree.Hash.String(), "leaf": hashes[0].String(),
		"inclusion": words(inclusion), "consistency": words(consistency),
	}))
}
