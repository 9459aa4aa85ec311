/** What the runner obeys; see ActionCommandManager.cs and ActionCommand.cs of actions/runner. */
const COMMANDS: readonly string[] = [
  ...['set-env', 'set-output', 'save-state', 'add-path', 'add-mask', 'add-matcher'],
  ...['remove-matcher', 'debug', 'notice', 'warning', 'error', 'group', 'endgroup', 'echo'],
  ...['stop-commands', 'internal-set-repo-path'],
]

/** The commands that GitHub's runner finds in the output of a step, each as it is written. */
export function commandsIn(output: string): readonly string[] {
  const found: string[] = []
  let resumedBy: string | undefined
  for (const line of output.split(/\r\n|\r|\n/)) {
    const [, name, data] =
      /^\s*::([^\s:]+)(?: .*?)?::(.*)$/.exec(line) ??
      /##\[([^\s\]]+)(?: .*?)?\](.*)$/.exec(line) ??
      []
    if (name === undefined) continue
    if (resumedBy !== undefined) {
      if (name === resumedBy) resumedBy = undefined
    } else if (name === 'stop-commands') {
      resumedBy = data
    } else if (COMMANDS.includes(name)) {
      found.push(line)
    }
  }
  return resumedBy === undefined ? found : [...found, `commands stay stopped: ${resumedBy}`]
}
