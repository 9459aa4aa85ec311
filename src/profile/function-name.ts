/**
 * The name that `go tool pprof` prints for a function. Go writes the same text as `name` and
 * `systemName`; then pprof takes a name with brackets for demangled C++ and drops balanced `(…)` and
 * `<…>`, except in names such as `pkg.(*T[...]).Method` (internal/symbolizer, `demangleSingleFunction`).
 * Mangled C++ and Rust names, which only cgo traces have, are left as they are.
 */
export function printedName(name: string, systemName: string): string {
  if (name !== '' && systemName !== name) return name
  if (!looksLikeCPlusPlus(systemName)) return systemName
  return withoutBalanced(withoutBalanced(systemName, '(', ')'), '<', '>')
}

function looksLikeCPlusPlus(name: string): boolean {
  if (name.includes('.<') || name.includes(']).')) return false
  return /[<>[\]]|::/.test(name)
}

/** Drops every balanced `open…close`; up to the first `close` that has no `open`. */
function withoutBalanced(name: string, open: string, close: string): string {
  let kept = ''
  let depth = 0
  let from = 0
  for (let at = 0; at < name.length; at++) {
    if (name[at] === open) {
      if (depth === 0) {
        kept += name.slice(from, at)
        from = at
      }
      depth += 1
    } else if (name[at] === close) {
      depth -= 1
      if (depth < 0) break
      if (depth === 0) from = at + 1
    }
  }
  return kept + name.slice(from)
}

/**
 * A function's name for a narrow place, as in pprof's graphs: without the import path before the
 * package, and without the major version in it (internal/graph, `ShortenFunctionName`).
 */
export function shortenedName(name: string): string {
  const text = name
    .replace(/^\(anonymous namespace\)::/, '')
    .replace(/^(.*?)\/v(?:[2-9]|[1-9][0-9]+)([./].*)$/, '$1$2')
  const patterns = [
    /^(?:[\w\-.]+\/)+([^.]+\..+)/,
    /^(?:[a-z]\w*\.)*([A-Z][\w$]*\.(?:<init>|[a-z][\w$]*(?:\$\d+)?))(?:\(|$)/,
    /^(?:[_a-zA-Z]\w*::)+(_*[A-Z]\w*::~?[_a-zA-Z]\w*(?:<.*>)?)/,
  ]
  for (const pattern of patterns) {
    const match = pattern.exec(text)
    if (match?.[1] !== undefined) return match[1]
  }
  return text
}

/**
 * The import path of a Go function's package: `net/http` of `net/http.(*conn).serve`. `''` when the
 * name has none.
 */
export function packageOf(name: string): string {
  const slash = name.slice(0, bracketAt(name)).lastIndexOf('/')
  const dot = name.indexOf('.', slash + 1)
  // The linker escapes dots in the last element of a path, as in gopkg.in/yaml%2ev3.
  return dot < 0 ? '' : name.slice(0, dot).replaceAll('%2e', '.')
}

/** Where the first receiver or type parameter begins: slashes behind it are no part of the path. */
function bracketAt(name: string): number {
  const at = name.search(/[([]/)
  return at < 0 ? name.length : at
}
