/** Where the service is told to serve pprof; without this variable the file below does nothing. */
export const ADDRESS_VARIABLE = 'HEAPGATE_PPROF'

/** The bytes per heap sample that it sets. */
export const RATE_VARIABLE = 'HEAPGATE_MEM_PROFILE_RATE'

/**
 * One more file of package main, for Go 1.19 and newer, in the oldest dialect that go.mod may ask
 * for. It answers what net/http/pprof does, by runtime/pprof itself: an import of net/http/pprof
 * would put handlers on the service's own http.DefaultServeMux, where they are served in public, and
 * panic beside the service's own.
 *
 * - Every import has a name of ours: a name can't be imported in one file and declared in another.
 * - A variable is initialised before any `init`, and this file, by its name, before the others of
 *   the package: the rate holds as early as this package can set it.
 * - The address is taken by the first process that wants it. A second one, as a forked worker,
 *   keeps quiet and goes on.
 */
export const INSTRUMENT_SOURCE = `// Laid over package main by heapgate, for one run; it is in no repository.

package main

import (
	heapgateErrors "errors"
	heapgateFmt "fmt"
	heapgateNet "net"
	heapgateHTTP "net/http"
	heapgateOS "os"
	heapgateRuntime "runtime"
	heapgatePprof "runtime/pprof"
	heapgateStrconv "strconv"
	heapgateStrings "strings"
	heapgateSyscall "syscall"
)

const heapgatePath = "/debug/pprof/"

var _ = heapgateStart()

func heapgateStart() bool {
	address := heapgateOS.Getenv("${ADDRESS_VARIABLE}")
	if address == "" {
		return false
	}
	rate, err := heapgateStrconv.Atoi(heapgateOS.Getenv("${RATE_VARIABLE}"))
	if err == nil && rate > 0 {
		heapgateRuntime.MemProfileRate = rate
	}
	listener, err := heapgateNet.Listen("tcp", address)
	if err != nil {
		if !heapgateErrors.Is(err, heapgateSyscall.EADDRINUSE) {
			heapgateFmt.Fprintln(heapgateOS.Stderr, "heapgate: no pprof:", err)
		}
		return false
	}
	server := &heapgateHTTP.Server{Handler: heapgateHTTP.HandlerFunc(heapgateAnswer)}
	go server.Serve(listener)
	return true
}

// heapgateAnswer answers as net/http/pprof does.
func heapgateAnswer(w heapgateHTTP.ResponseWriter, r *heapgateHTTP.Request) {
	if !heapgateStrings.HasPrefix(r.URL.Path, heapgatePath) {
		heapgateHTTP.NotFound(w, r)
		return
	}
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Type", "text/plain; charset=utf-8")
	name := heapgateStrings.TrimPrefix(r.URL.Path, heapgatePath)
	switch name {
	case "":
		for _, profile := range heapgatePprof.Profiles() {
			heapgateFmt.Fprintln(w, profile.Count(), profile.Name())
		}
		return
	case "cmdline":
		heapgateFmt.Fprint(w, heapgateStrings.Join(heapgateOS.Args, "\\x00"))
		return
	}
	profile := heapgatePprof.Lookup(name)
	if profile == nil {
		header.Set("X-Go-Pprof", "1")
		w.WriteHeader(heapgateHTTP.StatusNotFound)
		heapgateFmt.Fprintln(w, "Unknown profile")
		return
	}
	if gc, _ := heapgateStrconv.Atoi(r.FormValue("gc")); name == "heap" && gc > 0 {
		heapgateRuntime.GC()
	}
	debug, _ := heapgateStrconv.Atoi(r.FormValue("debug"))
	if debug == 0 {
		header.Set("Content-Type", "application/octet-stream")
		header.Set("Content-Disposition", "attachment; filename=\\""+name+"\\"")
	}
	profile.WriteTo(w, debug)
}
`
