/**
 * The demo and the tests run real Go services. Finds Go; where there is none, installs it with the
 * system's package manager if it may, else prints the command that does.
 */
import { spawnSync } from 'node:child_process'

const has = (command, args) => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** By package manager: is it there, may it install, and the commands that do. */
const INSTALLERS = [
  {
    probe: ['apt-get', '--version'],
    root: true,
    steps: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', 'golang-go'],
    ],
  },
  { probe: ['dnf', '--version'], root: true, steps: [['dnf', 'install', '-y', 'golang']] },
  { probe: ['apk', '--version'], root: true, steps: [['apk', 'add', 'go']] },
  { probe: ['brew', '--version'], root: false, steps: [['brew', 'install', 'go']] },
]

export function requireGo() {
  if (has('go', ['version'])) return
  const installer = INSTALLERS.find(({ probe: [command, ...args] }) => has(command, args))
  if (installer === undefined) {
    fail('Go is missing: install Go 1.19 or newer and try again.')
  }
  const isRoot = process.getuid?.() === 0
  const bySudo = installer.root && !isRoot && has('sudo', ['-n', 'true'])
  const commands = installer.steps.map((step) =>
    installer.root && !isRoot ? ['sudo', ...step] : step,
  )
  const line = commands.map((command) => command.join(' ')).join(' && ')
  if (installer.root && !isRoot && !bySudo) fail(`Go is missing. This installs it:\n\n  ${line}\n`)
  console.log(`Go is missing; installing it: ${line}`)
  for (const [command, ...args] of commands) {
    if (spawnSync(command, args, { stdio: 'inherit' }).status !== 0) {
      fail(`This failed: ${[command, ...args].join(' ')}\nInstall Go 1.19 or newer and try again.`)
    }
  }
}

function fail(message) {
  console.error(message)
  process.exit(1)
}

if (process.argv[1] === new URL(import.meta.url).pathname) requireGo()
