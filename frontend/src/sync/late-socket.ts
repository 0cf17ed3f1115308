import type { Socket } from './connection'

/** A socket that is there a little later. Its end is told once, also if it never came. */
export class LateSocket implements Socket {
  onopen: (() => void) | null = null
  onmessage: ((event: { data: unknown }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null
  /** Told at the first message, and at the end: whether there was one. */
  onword: () => void = () => {}
  onend: (spoke: boolean) => void = () => {}

  private socket: Socket | null = null
  private spoke = false
  private ended = false

  constructor(come: () => Promise<Socket>) {
    come().then(
      (socket) => this.attach(socket),
      () => this.end(0),
    )
  }

  send(text: string): void {
    this.socket?.send(text)
  }

  close(): void {
    const told = this.ended
    this.ended = true
    this.socket?.close()
    if (!told) this.onend(this.spoke)
  }

  /** Ends it as the network would. */
  fail(): void {
    if (this.ended) return
    this.socket?.close()
    this.end(0)
  }

  private attach(socket: Socket): void {
    this.socket = socket
    if (this.ended) {
      socket.close()
      return
    }
    socket.onopen = () => this.onopen?.()
    socket.onmessage = (event) => {
      if (!this.spoke) this.onword()
      this.spoke = true
      if (!this.ended) this.onmessage?.(event)
    }
    socket.onclose = ({ code }) => this.end(code)
  }

  private end(code: number): void {
    if (this.ended) return
    this.ended = true
    this.onend(this.spoke)
    this.onclose?.({ code })
  }
}
