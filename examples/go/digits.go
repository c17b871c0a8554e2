// SPDX-License-Identifier: Apache-2.0
//
// Reads handwritten digits from Go, in a goroutine for each picture, through
// cgo; no module is downloaded.
//
//	go build -o digits ./examples/go && ./digits PACKAGE.pt2 PICTURE.pgm...
package main

import (
	"fmt"
	"os"
	"strings"
	"sync"
)

// readPicture reads an 8x8 picture in plain PGM: "P2", the sizes, the largest
// grey, the greys.
func readPicture(path string) ([]float32, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(string(text))
	if len(words) != 68 || strings.Join(words[:4], " ") != "P2 8 8 16" {
		return nil, fmt.Errorf("%s: not an 8x8 picture in plain PGM with greys 0 to 16", path)
	}
	picture := make([]float32, 64)
	for i := range picture {
		if _, err := fmt.Sscan(words[4+i], &picture[i]); err != nil {
			return nil, fmt.Errorf("%s: %v", path, err)
		}
	}
	return picture, nil
}

func classify(runner *Runner, path string) (string, error) {
	picture, err := readPicture(path)
	if err != nil {
		return "", err
	}
	outputs, err := runner.Run(Tensor{Data: picture, Sizes: []int64{1, 1, 8, 8}})
	if err != nil {
		return "", err
	}
	if len(outputs) != 1 || len(outputs[0].Data) != 10 {
		return "", fmt.Errorf("the model does not return ten probabilities")
	}
	probabilities := outputs[0].Data
	best := 0
	for i, probability := range probabilities {
		if probability > probabilities[best] {
			best = i
		}
	}
	return fmt.Sprintf("%s: %d (%.2f %%)", path, best, 100*probabilities[best]), nil
}

func run(model string, pictures []string) error {
	runner, err := Load(model)
	if err != nil {
		return err
	}
	defer runner.Close()
	lines := make([]string, len(pictures))
	errors := make([]error, len(pictures))
	var group sync.WaitGroup
	for i := range pictures {
		group.Add(1)
		go func(i int) {
			defer group.Done()
			lines[i], errors[i] = classify(runner, pictures[i])
		}(i)
	}
	group.Wait()
	for i, err := range errors {
		if err != nil {
			return err
		}
		fmt.Println(lines[i])
	}
	return nil
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintf(os.Stderr, "usage: %s PACKAGE.pt2 PICTURE.pgm...\n", os.Args[0])
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
