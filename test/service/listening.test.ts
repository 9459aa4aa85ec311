import { expect, test } from '@jest/globals'
import { createServer } from 'node:net'
import { waitUntilListening } from '../../src/service/listening.ts'
import { freePort } from '../support/free-port.ts'

const never = new AbortController().signal

test('a service is awaited until it listens, whatever it answers', async () => {
  const port = await freePort()
  const server = createServer((socket) => socket.destroy())
  let listens = false
  setTimeout(() => {
    server.listen(port, '127.0.0.1', () => {
      listens = true
    })
  }, 200)
  await waitUntilListening(`http://127.0.0.1:${port.toString()}/path`, 20_000, never)
  expect(listens).toBe(true)
  await new Promise((resolve) => server.close(resolve))
})

test('a service that does not listen in time is not ready, and the address is told', async () => {
  const url = `http://127.0.0.1:${(await freePort()).toString()}`
  await expect(waitUntilListening(url, 100, never)).rejects.toMatchObject({
    code: 'not-ready',
    message: `The service was not ready within 100 ms: nothing listens at ${url}.`,
  })
})
