import { createServer, type RequestListener } from 'node:http'
import { createServer as createTcpServer, type Socket } from 'node:net'
import { freePort } from './free-port.ts'

const closing: (() => void)[] = []

/** Closes every server that was started, and its connections. */
export function closeServers(): void {
  for (const close of closing.splice(0)) close()
}

/** A server that answers as it is told; gives its address. */
export async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  const port = await freePort()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${port.toString()}/`
}

/** A server that writes bytes as they are. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<string> {
  const port = await freePort()
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', () => {
      answer(socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  closing.push(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return `http://127.0.0.1:${port.toString()}/`
}

/** Writes without end, as fast as it is read. */
export const endless: RequestListener = (_request, response) => {
  const write = (): void => {
    while (!response.destroyed && response.write('x'.repeat(16_384)));
  }
  response.on('drain', write)
  write()
}

/** Writes a byte now and then, without end. */
export const trickle: RequestListener = (_request, response) => {
  const timer = setInterval(() => response.write('.'), 20)
  response.on('close', () => {
    clearInterval(timer)
  })
}
