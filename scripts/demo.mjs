/**
 * Shows the gate at work: the bundled code judges a real Go service that keeps a megabyte for every
 * request, which must fail, and the same service with an eviction policy, which must not.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { requireGo } from './require-go.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
/** The size class of 1,000,000 bytes in Go's allocator: 123 pages of 8 KiB. */
const BYTES_PER_REQUEST = 1_007_616
const TOLERANCE = 0.02

requireGo()
const scratch = mkdtempSync(join(tmpdir(), 'heapgate-demo-'))
const problems = []
try {
  const leaky = await runGate('leaky')
  const top = leaky.result.growth?.[0]
  const line = leaky.source.findIndex((text) => text.includes('make([]byte, 1000000)')) + 1
  const perRequest = leaky.result.retained?.bytesPerRequest ?? 0
  expect(leaky.status === 1 && leaky.result.verdict === 'fail', 'the leaky service must fail')
  expect(
    top?.function === 'main.handleRequest',
    `main.handleRequest must be named, not ${top?.function}`,
  )
  expect(top?.line === line, `line ${line} must be named, not ${top?.line}`)
  expect(
    Math.abs(perRequest / BYTES_PER_REQUEST - 1) <= TOLERANCE,
    `${BYTES_PER_REQUEST} bytes per request are kept, measured ${Math.round(perRequest)}`,
  )

  const bounded = await runGate('bounded')
  expect(
    bounded.status === 0 && bounded.result.verdict !== 'fail',
    'the bounded service must not fail',
  )
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

if (problems.length > 0) {
  console.error(problems.map((problem) => `demo: ${problem}`).join('\n'))
  process.exit(1)
}
console.log('demo: the leaky service fails, the bounded one does not: as it should be.')

async function runGate(name) {
  const port = await freePort()
  const directory = join(root, 'fixtures/services', name)
  const report = join(scratch, name)
  console.log(`\n──── heapgate run: fixtures/services/${name} ────\n`)
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, 'dist/cli.js'),
      'run',
      ...['--working-directory', directory],
      ...['--build', `go build -o '${join(scratch, `${name}-server`)}' .`],
      ...['--run', `'${join(scratch, `${name}-server`)}' -addr 127.0.0.1:${port}`],
      ...['--url', `http://127.0.0.1:${port}`],
      ...['--requests', 'GET /leaky-endpoint'],
      ...['--round-requests', '100'],
      ...['--rounds', '3'],
      ...['--report-dir', report],
    ],
    { cwd: root, stdio: 'inherit' },
  )
  return {
    status,
    result: JSON.parse(readFileSync(join(report, 'result.json'), 'utf8')),
    source: readFileSync(join(directory, 'main.go'), 'utf8').split('\n'),
  }
}

function expect(holds, problem) {
  if (!holds) problems.push(problem)
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
