declare const HEAPGATE_VERSION: string | undefined

/** The version of this heapgate; `dev` when it runs from source. */
export const VERSION = typeof HEAPGATE_VERSION === 'string' ? HEAPGATE_VERSION : 'dev'
