import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { perftools } from '../../proto/profile.js'
import { gunzip } from '../../src/profile/gzip.ts'
import { recordedBytes, recordedNames, recordedProfile } from '../support/recorded-profiles.ts'

test('the generated code is what profile.proto generates', () => {
  const directory = mkdtempSync(join(tmpdir(), 'proto-'))
  execFileSync(process.execPath, ['scripts/generate-proto.mjs', '--out', directory])
  for (const file of ['profile.js', 'profile.d.ts']) {
    expect(readFileSync(join(directory, file), 'utf8')).toBe(readFileSync(`proto/${file}`, 'utf8'))
  }
  rmSync(directory, { recursive: true })
})

test.each(recordedNames())('our decoder and the generated one read the same from %s', (name) => {
  const profile = recordedProfile(name)
  const message = perftools.profiles.Profile.decode(gunzip(recordedBytes(name), 2 ** 24))
  const text = (index: unknown): string => message.stringTable[Number(index)] ?? ''
  const ids = new Map(message.location.map(({ id }, index) => [String(id), index]))
  expect(message.sample.flatMap(({ value }) => (value ?? []).map(Number))).toEqual([
    ...profile.samples.values,
  ])
  expect(
    message.sample.flatMap(({ locationId }) => (locationId ?? []).map((id) => ids.get(String(id)))),
  ).toEqual([...profile.samples.location])
  expect(message.location.map(({ address }) => BigInt(String(address ?? 0)))).toEqual([
    ...profile.locations.address,
  ])
  expect(message.function.map((entry) => text(entry.name))).toEqual(
    profile.functions.map((entry) => entry.name),
  )
})
