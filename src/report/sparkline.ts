const BARS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const WIDTH = 40

/** Amounts as a row of at most 40 bars, the lowest bar for nothing, the highest for the largest. */
export function sparkline(amounts: readonly number[]): string {
  const largest = amounts.reduce((most, amount) => Math.max(most, amount), 0)
  const width = Math.min(WIDTH, amounts.length)
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((column * amounts.length) / width)
    const to = Math.floor(((column + 1) * amounts.length) / width)
    const most = amounts.slice(from, to).reduce((top, amount) => Math.max(top, amount), 0)
    const height = largest === 0 ? 0 : Math.round((most / largest) * (BARS.length - 1))
    return BARS[height] ?? ''
  }).join('')
}
