/** Runs a process and tells how long it took and how much memory it and its children had. */
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

const GNU_TIME = '/usr/bin/time'
const hasGnuTime = existsSync(GNU_TIME)
const hasProc = existsSync('/proc/self/status')
const LOOK_EVERY_MS = 5

/**
 * @typedef {object} Measured
 * @property {number} ms Wall time; if `cut`, what the process had until it was ended.
 * @property {number} cpuMs Time on all cores, also of the children, as GNU time tells to 10 ms; NaN where
 *   that is not there, and if `cut`.
 * @property {number} largestKib Peak of resident memory of the process that had most, as GNU time
 *   tells; NaN where that is not there. If `cut`, the most that was seen.
 * @property {number} allKib Peaks of the processes that lived at the same time, added up, as `/proc`
 *   told every few milliseconds; NaN where that is not there.
 * @property {boolean} cut It was ended because it took too long.
 */

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {number} patienceMs After this time the process and its children are ended.
 * @returns {Promise<Measured>}
 * @throws Error with what the process wrote, when it fails.
 */
export function measureProcess(command, args, patienceMs) {
  const [file, ...rest] = hasGnuTime
    ? [GNU_TIME, '-f', '%M %U %S', command, ...args]
    : [command, ...args]
  return new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(file, rest, { stdio: ['ignore', 'ignore', 'pipe'], detached: true })
    const seen = { largestKib: 0, allKib: hasProc ? 0 : Number.NaN }
    const look = setInterval(() => {
      const peaks = peaksOfTree(child.pid)
      seen.largestKib = Math.max(seen.largestKib, ...peaks)
      seen.allKib = Math.max(
        seen.allKib,
        peaks.reduce((sum, kib) => sum + kib, 0),
      )
    }, LOOK_EVERY_MS)
    let cut = false
    const patience = setTimeout(() => {
      cut = true
      process.kill(-child.pid, 'SIGKILL')
    }, patienceMs)
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text))
    child.on('error', reject)
    child.on('close', (status) => {
      const ms = performance.now() - start
      clearInterval(look)
      clearTimeout(patience)
      if (cut) {
        resolve({ ms, cpuMs: Number.NaN, ...seen, cut })
      } else if (status !== 0) {
        reject(new Error(`${command} ${args.join(' ')}: ${stderr}`))
      } else {
        const told = hasGnuTime ? stderr.trim().split('\n').at(-1) : ''
        const [largestKib, user, system] = told.split(' ').map((text) => Number(text || Number.NaN))
        // A look can miss the last milliseconds of a process, GNU time can't.
        const allKib = Math.max(seen.allKib, largestKib)
        resolve({ ms, cpuMs: 1000 * (user + system), largestKib, allKib, cut })
      }
    })
  })
}

/** Peak KiB of each process of a tree that is there now, GNU time left out. */
function peaksOfTree(pid) {
  const status = textOf(`/proc/${pid}/status`)
  const own = /^Name:\s+time$/m.test(status)
    ? []
    : [Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0)]
  return [...own, ...childrenOf(pid).flatMap(peaksOfTree)]
}

/** A process is listed under the thread that started it. */
function childrenOf(pid) {
  let threads
  try {
    threads = readdirSync(`/proc/${pid}/task`)
  } catch {
    return []
  }
  return threads
    .flatMap((thread) => textOf(`/proc/${pid}/task/${thread}/children`).split(' '))
    .filter((child) => child !== '')
}

/** Empty once the process has ended. */
function textOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
