import type { NodeInfo } from './granularity.ts'
import { baseName } from './path.ts'

/** The name of a node as pprof prints it: address, function, file and line, as far as they count. */
export function nodeName(info: NodeInfo): string {
  const parts: string[] = []
  if (info.address !== 0n) parts.push(info.address.toString(16).padStart(16, '0'))
  if (info.name !== '') parts.push(info.name)
  if (info.line !== 0) {
    const column = info.column === 0 ? '' : `:${info.column}`
    parts.push(`${info.file}:${info.line}${column}`)
  } else if (info.file !== '') parts.push(info.file)
  else if (info.name === '') {
    parts.push(info.objectFile === '' ? '<unknown>' : `[${baseName(info.objectFile)}]`)
  }
  return parts.join(' ')
}
