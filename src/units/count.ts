/** A whole number with thousands separated, the same in every locale: `12,345`. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** `1 request`, `2 requests`, `2 processes`. */
export function plural(count: number, noun: string): string {
  const ending = count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'
  return `${formatCount(count)} ${noun}${ending}`
}
