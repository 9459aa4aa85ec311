/**
 * Breaks the judge in many small ways and lets the tests of the verdict run on each: one that they
 * pass is a hole in them. Ends with 1 when a mutant survives.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** [file, what stands there, what is put there instead] */
const MUTATIONS = [
  ['trend.ts', 'const growth = now - base', 'const growth = base - now'],
  ['trend.ts', 'if (growth <= limit)', 'if (growth < limit)'],
  ['trend.ts', 'limit * Math.max(1, count / rounds)', 'limit'],
  ['trend.ts', 'const EARLY_SHARE = 0.8', 'const EARLY_SHARE = 0.2'],
  ['trend.ts', 'const TAIL_SHARE = 0.28', 'const TAIL_SHARE = 0'],
  ['trend.ts', 'const FLAT_SHARE = 0.05', 'const FLAT_SHARE = 0.5'],
  ['trend.ts', 'if (taken < rounds) return more', 'if (taken < 2) return more'],
  ['trend.ts', 'const risesAndFalls = falls(levels, noise)', 'const risesAndFalls = false'],
  ['trend.ts', 'risesAndFalls ? Math.min(...rest)', 'false ? Math.min(...rest)'],
  ['trend.ts', 'Math.max(0, taken - tail)', 'taken - tail'],
  ['trend.ts', 'Math.max(cooled.level, before)', 'cooled.level'],
  ['trend.ts', 'growth - (top - before)', 'growth'],
  ['trend.ts', 'falls(levels, noise) ? 0', 'false ? 0'],
  ['trend.ts', '2 * Math.min(troughs, peaks)', '2 * Math.max(troughs, peaks)'],
  ['trend.ts', "next: 'cool-down'", "next: 'round'"],
  ['trend.ts', '<= limitAfter(limits, cooled.afterRounds)', '<= 0'],
  ['trend.ts', "if (since === 0) return more('leak')", "if (since === 0) return known('leak')"],
  ['trend.ts', "since >= tail ? known('plateau')", "since >= 1 ? known('plateau')"],
  ['trend.ts', 'last * rounds > limit', 'false'],
  ['trend.ts', 'requests.slice(onset)', 'requests'],
  ['judge.ts', 'lasting.length > 0', 'false'],
  ['lasting.ts', 'isOver && goesOn && stays', 'goesOn && stays'],
  ['lasting.ts', 'isOver && goesOn && stays', 'isOver && stays'],
  ['lasting.ts', 'isOver && goesOn && stays', 'isOver && goesOn'],
  ['lasting.ts', 'STANDARD_ERRORS * error', '0'],
  ['lasting.ts', 'stack.frames.find(isOwn)', 'stack.frames[0]'],
  ['lasting.ts', '? [] : lines', '? lines : lines'],
  ['trend.ts', 'Math.abs(change) <= step', 'change <= step'],
  ['beneath.ts', 'if (isLeak) return', 'if (false) return'],
  ['beneath.ts', 'Math.min(bytes, ofLines) >=', 'ofLines >='],
  ['beneath.ts', 'Math.min(bytes, ofLines) >=', 'bytes >='],
  ['beneath.ts', "late.trend === 'leak' && agrees(growth)", "late.trend === 'leak'"],
  ['beneath.ts', 'taken < maxRounds ? round : NONE', 'NONE'],
  ['beneath.ts', '!isClear && ', ''],
  ['beneath.ts', 'const CLEAR_ROUNDS = 2', 'const CLEAR_ROUNDS = 1'],
  ['beneath.ts', 'const CLEAR_SHARE = 2', 'const CLEAR_SHARE = 0'],
  ['beneath.ts', 'start >= 1', 'start >= 99'],
  ['beneath.ts', 'cooled && { ...cooled, afterRounds: cooled.afterRounds - start }', 'cooled'],
  ['beneath.ts', ' || isWaitDue(rounds.length', ' || false && isWaitDue(rounds.length'],
  ['beneath.ts', '!hasWaited &&', ''],
  ['beneath.ts', 'const SECOND_WAIT_SHARE = 0.5', 'const SECOND_WAIT_SHARE = 0'],
  ['beneath.ts', ' || standsStill(sinceWait, placed(from, taken))', ''],
  ['beneath.ts', '[cooled.level, ...levels.slice(from + 1)]', 'levels.slice(from)'],
  ['beneath.ts', 'Math.min(from + rounds, maxRounds)', 'from + 1'],
  ['beneath.ts', 'cooledAgain.level - cooled.level', 'cooledAgain.level - (levels[0] ?? 0)'],
  ['beneath.ts', 'limitAfter(limits, to - from)', '0'],
  ['readings.ts', 'budget.perRequest ? perRequest', 'true ? perRequest'],
  ['readings.ts', '.slice(afterRounds, toRounds)', ''],
  ['series.ts', 'cooledAgain: after(secondCoolDown)', 'cooledAgain: undefined'],
  ['culprit.ts', 'lasting ?? goingOn', 'goingOn'],
  ['culprit.ts', 'goingOn ?? own[0]', 'own[0]'],
  ['judge.ts', "trend === 'leak')) return 'fail'", "trend === 'leak')) return 'warn'"],
  ['judge.ts', "plateau === 'warn') return 'warn'", "plateau === 'warn') return 'pass'"],
  ['readings.ts', 'share >= warnAt', 'share >= 1'],
  ['readings.ts', 'measured > limit', 'measured >= limit'],
  ['refusals.ts', 'rate <= maxErrorRate', 'rate <= 1'],
  ['refusals.ts', 'limits.limit < noise[NOISE_OF[name]]', 'false'],
  ['refusals.ts', '  guardWithoutGrowth,\n', ''],
  ['refusals.ts', '  nothingAnswered,\n', ''],
  ['series.ts', '(ignored[index] ?? 0)', '0'],
  ['ignored.ts', 'stack.frames.some', 'stack.frames.every'],
  [
    'places.ts',
    'new Set(stack.frames.map((frame) => frame.function))',
    'stack.frames.map((frame) => frame.function)',
  ],
  ['places.ts', 'stack.frames.find(isOwn) ?? ', ''],
  ['culprit.ts', 'own && ', ''],
  ['notes.ts', 'const STANDARD_ERRORS = 3', 'const STANDARD_ERRORS = 0'],
  ['notes.ts', 'LARGE_PIECE_BYTES * Math.max(1, objects)', '0'],
  ['notes.ts', '!stopped || top', 'top'],
  ['budgets.ts', 'limit * rounds * roundRequests', 'limit * roundRequests'],
]

/** A mutant that hangs is found too. */
const LONGEST_MS = 30_000

/** Whether the tests of the verdict pass, with a mutation of what they test if one is given. */
function passes(mutation) {
  const environment = mutation && { HEAPGATE_MUTATION: JSON.stringify(mutation) }
  const { status } = spawnSync(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/verdict', '--silent'],
    {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: 'ignore',
      timeout: LONGEST_MS,
    },
  )
  return status === 0
}

if (!passes()) {
  console.error('The tests of the verdict fail without any mutation, so they would find each.')
  process.exit(1)
}

const survivors = []
for (const [name, from, to] of MUTATIONS) {
  const file = `src/verdict/${name}`
  if (!readFileSync(join(root, file), 'utf8').includes(from)) {
    console.error(`${file} has no longer: ${from}`)
    survivors.push(from)
    continue
  }
  const survived = passes({ file, from, to })
  if (survived) survivors.push(`${name}: ${from}`)
  console.log(
    `${survived ? 'SURVIVED' : 'found   '} ${name}: ${from} → ${to === '' ? '(nothing)' : to}`,
  )
}
console.log(
  `\n${MUTATIONS.length - survivors.length} of ${MUTATIONS.length} mutants found by the tests`,
)
process.exitCode = survivors.length > 0 ? 1 : 0
