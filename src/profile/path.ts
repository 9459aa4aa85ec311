/** The shortest name of the same file, as Go's `path.Clean`: without `.`, `..` and double slashes. */
export function cleanPath(path: string): string {
  if (!/(^|\/)(\.{0,2})(\/|$)/.test(path.slice(1))) return path === '' ? '.' : path
  const rooted = path.startsWith('/')
  const elements: string[] = []
  for (const element of path.split('/')) {
    if (element === '' || element === '.') continue
    if (element !== '..') elements.push(element)
    else if (elements.length > 0 && elements.at(-1) !== '..') elements.pop()
    else if (!rooted) elements.push('..')
  }
  const cleaned = elements.join('/')
  return rooted ? `/${cleaned}` : cleaned === '' ? '.' : cleaned
}

/** The last element of a path, as Go's `path.Base`. */
export function baseName(path: string): string {
  const trimmed = path.replace(/\/+$/, '')
  if (trimmed === '') return path === '' ? '.' : '/'
  return trimmed.slice(trimmed.lastIndexOf('/') + 1)
}
