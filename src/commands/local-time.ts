import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const ZONE_DIRECTORIES = ['/usr/share/zoneinfo', '/usr/lib/zoneinfo', '/etc/zoneinfo']

/**
 * A time as Go's layout `2006-01-02 15:04:05 MST` in the local zone. JavaScript knows the offset of
 * the zone, but not its abbreviation (`CET`); that is read where Go reads it, from the zone's file.
 */
export function localTime(nanosSince1970: bigint): string {
  const seconds = Number(nanosSince1970 / 1_000_000_000n)
  const negativeRest = nanosSince1970 < 0n && nanosSince1970 % 1_000_000_000n !== 0n
  const date = new Date((negativeRest ? seconds - 1 : seconds) * 1000)
  const two = (value: number): string => value.toString().padStart(2, '0')
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-')
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':')
  return `${day} ${time} ${zoneAbbreviation(-date.getTimezoneOffset() * 60)}`
}

/** The abbreviation of the local zone while it is `offset` seconds east of UTC. */
function zoneAbbreviation(offset: number): string {
  const name = process.env.TZ
  if (name === '') return 'UTC'
  const file = zoneFile(name?.replace(/^:/, ''))
  const found = file === undefined ? undefined : abbreviationIn(file, offset)
  if (found !== undefined) return found
  if (offset === 0) return 'UTC'
  const minutes = Math.abs(offset) / 60
  const two = (value: number): string => Math.floor(value).toString().padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}${minutes % 60 === 0 ? '' : two(minutes % 60)}`
}

function zoneFile(name: string | undefined): Buffer | undefined {
  const files =
    name === undefined
      ? ['/etc/localtime']
      : name.startsWith('/')
        ? [name]
        : ZONE_DIRECTORIES.map((directory) => join(directory, name))
  for (const file of files) {
    try {
      return readFileSync(file)
    } catch {
      continue
    }
  }
  return undefined
}

/** The offset and the abbreviation of the last period with that offset: RFC 9636, section 3. */
function abbreviationIn(file: Buffer, offset: number): string | undefined {
  if (file.length < 44 || file.toString('latin1', 0, 4) !== 'TZif') return undefined
  const times = file.readUInt32BE(32)
  const types = file.readUInt32BE(36)
  const periods = 44 + times * 4
  const typeTable = periods + times
  const names = typeTable + types * 6
  if (names > file.length) return undefined
  const nameOf = (type: number): string | undefined => {
    const entry = typeTable + type * 6
    if (type >= types || file.readInt32BE(entry) !== offset) return undefined
    const start = names + (file[entry + 5] ?? 0)
    return file.toString('latin1', start, file.indexOf(0, start))
  }
  for (let period = times - 1; period >= 0; period--) {
    const name = nameOf(file[periods + period] ?? 0)
    if (name !== undefined) return name
  }
  return nameOf(0)
}
