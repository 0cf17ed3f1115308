import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const published = fileURLToPath(new URL('../../deploy/nginx.conf', import.meta.url))

/**
 * What stands before a server: nginx with the configuration that we publish; one by which WebSocket is blocked; or a gateway that
 * holds back events as well.
 */
export type Between = 'nginx' | 'blocked' | 'gateway'

/** nginx before a server, but for ports with a configuration that we publish, and below a path. */
export class Nginx {
  static readonly path = '/docs'
  private process: ChildProcess | undefined
  private readonly folder: string
  private readonly between: Between

  constructor(folder: string, between: Between) {
    this.folder = join(folder, 'nginx')
    this.between = between
  }

  /** Starts it before a server at host:port, and returns where browsers find that. */
  async start(server: string): Promise<string> {
    const port = await freePort()
    mkdirSync(this.folder, { recursive: true })
    const config = join(this.folder, 'nginx.conf')
    writeFileSync(config, this.configure(port, server))
    this.process = spawn('nginx', ['-c', config, '-p', this.folder, '-e', 'stderr'], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    })
    let said = ''
    this.process.stderr?.on('data', (text) => {
      said += text
    })
    await until(port, () => {
      if (this.process?.exitCode != null) throw new Error(`nginx ended: ${said}`)
    })
    return `http://127.0.0.1:${port}${Nginx.path}`
  }

  private configure(port: number, server: string): string {
    const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    const ours = [
      `daemon off; master_process off; pid ${this.folder}/pid;`,
      this.shape(readFileSync(published, 'utf8'))
        .replace('listen 80;', `listen 127.0.0.1:${port};`)
        .replace('http://127.0.0.1:8080;', `http://${server};`)
        .replace(
          'http {',
          `http { access_log off; ${places.map((name) => `${name}_temp_path ${this.folder}/${name};`).join(' ')}`,
        ),
    ].join('\n')
    if (!ours.includes(`:${port};`) || !ours.includes(`http://${server};`)) {
      throw new Error('deploy/nginx.conf has no such ports any more')
    }
    return ours
  }

  private shape(config: string): string {
    if (this.between === 'nginx') return config
    const blocked = config
      .replace('proxy_set_header Upgrade $http_upgrade;', 'proxy_set_header Upgrade "";')
      .replace(
        'proxy_set_header Connection $connection_upgrade;',
        'proxy_set_header Connection "";',
      )
    if (this.between === 'blocked') return blocked
    return blocked.replace(
      'client_max_body_size',
      'proxy_ignore_headers X-Accel-Buffering; client_max_body_size',
    )
  }

  async stop(): Promise<void> {
    const child = this.process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Returns when somebody listens. */
async function until(port: number, check: () => void): Promise<void> {
  for (;;) {
    check()
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    )
    if (answered) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
