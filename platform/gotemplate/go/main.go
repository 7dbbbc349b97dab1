// Program gotemplate renders Go templates and evaluates expressions for Keelson. It is compiled to WebAssembly and has
// no environment, files or network: requests and replies are lines of JSON in one buffer of its memory.
package main

import (
	"runtime/debug"
	// Zones of time for functions such as dateInZone: there is no file system to find them in.
	_ "time/tzdata"
	"unsafe"
)

// The module's memory ends at 256 MiB; from here on garbage is collected eagerly rather than memory taken.
const eagerBytes = 192 << 20

func init() { debug.SetMemoryLimit(eagerBytes) }

// buffer holds the request that is being written by the host, and later the reply that it reads.
var buffer []byte

// main is never called: the module is a reactor whose exports are called one at a time.
func main() {}

// reserve makes room for a request of that many bytes and says where it goes.
//
//go:wasmexport reserve
func reserve(size uint32) unsafe.Pointer {
	buffer = make([]byte, size)
	return unsafe.Pointer(unsafe.SliceData(buffer))
}

// answer carries out the request in the buffer; the high half of the result is the reply's address, the low half its
// length.
//
//go:wasmexport answer
func answer() uint64 {
	buffer = handle(buffer)
	address := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(buffer))))
	return address<<32 | uint64(len(buffer))
}
