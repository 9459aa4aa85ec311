import { expect, test } from '@jest/globals'
import { withoutBuildDirectory } from '../../src/profile/build-path.ts'

test.each([
  ['/proc/self/cwd/main.go', 'main.go'],
  ['/proc/self/cwd/./main.go', 'main.go'],
  ['/proc/self/cwd/', ''],
  ['/src/proc/self/cwd/main.go', '/src/proc/self/cwd/main.go'],
])('%s is %s', (file, name) => {
  expect(withoutBuildDirectory(file)).toBe(name)
})
