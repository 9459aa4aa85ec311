import { connect } from 'node:net'

/** Whether something accepts connections at the address of a URL. */
export function isListening(url: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(url)
  const host = hostname.replace(/^\[(.*)\]$/, '$1')
  return new Promise((resolve) => {
    const socket = connect({
      host,
      port: port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port),
    })
    const answer = (listening: boolean) => (): void => {
      socket.destroy()
      resolve(listening)
    }
    socket.setTimeout(1000, answer(false))
    socket.once('connect', answer(true))
    socket.once('error', answer(false))
  })
}
