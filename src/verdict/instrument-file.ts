/**
 * The name of the file that `instrument` lays over package main. It stands before the other files of
 * the package, for Go initialises variables in that order.
 */
export const INSTRUMENT_FILE = '00_heapgate_pprof.go'

/** Whether a frame is code that heapgate compiled into the service, not the user's. */
export function isInstrument({ file }: { readonly file: string }): boolean {
  return file.endsWith(`/${INSTRUMENT_FILE}`)
}
