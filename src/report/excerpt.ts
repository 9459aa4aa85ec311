import type { Excerpt } from '../verdict/result.ts'

/** Source lines with their numbers and a mark at the line that grew. */
export function numberedLines({ firstLine, lines }: Excerpt, marked: number): string {
  const width = (firstLine + lines.length - 1).toString().length
  return lines
    .map((line, index) => {
      const number = firstLine + index
      const mark = number === marked ? '>' : ' '
      return `${mark} ${number.toString().padStart(width)} | ${line.replaceAll('\t', '    ')}`.trimEnd()
    })
    .join('\n')
}
