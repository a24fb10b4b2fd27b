// Command runexp-wasm is the simulator alone, small enough to travel inside a
// report: what-if questions are answered on the page, by the same code and to
// the same nanosecond as by runexp sim.
//
// It reads one request from standard input and writes the answer to standard
// output, both as lines of words, and does nothing else: no files, no flags, no
// clock. Built for WebAssembly (make explorer) it needs of its host only these
// two streams; built for anything else it is an ordinary filter, which is how it
// is tested.
//
// Start reading at request, then answer.
package main

import (
	"bufio"
	"io"
	"os"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	run(os.Stdin, w)
	w.Flush() // a host that stops listening has no use for an error either
}

// run answers one request. An error is an answer too: the line "error TEXT".
func run(r io.Reader, w *bufio.Writer) {
	q, err := readRequest(r)
	if err == nil {
		err = q.answer(w)
	}
	if err != nil {
		w.WriteString("error " + err.Error() + "\n")
	}
}
