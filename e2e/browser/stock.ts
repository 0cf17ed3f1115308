import richText from 'rich-text'
import sharedb from 'sharedb/lib/client/index.js'
import WebSocket from 'ws'

sharedb.types.register(richText.type)

/** ShareDB's own client with the rich-text type, unmodified, on one document. */
export class StockClient {
  private constructor(
    private readonly connection: sharedb.Connection,
    private readonly doc: sharedb.Doc,
  ) {}

  static async open(url: string, id: string): Promise<StockClient> {
    const client = StockClient.connect(url, id)
    await done((callback) => client.doc.subscribe(callback))
    return client
  }

  static async create(url: string, id: string, content: unknown[]): Promise<StockClient> {
    const client = StockClient.connect(url, id)
    await done((callback) => client.doc.create(content, richText.type.uri, callback))
    await done((callback) => client.doc.subscribe(callback))
    return client
  }

  private static connect(url: string, id: string): StockClient {
    const connection = new sharedb.Connection(new WebSocket(url))
    return new StockClient(connection, connection.get('documents', id))
  }

  async submit(ops: unknown): Promise<void> {
    await done((callback) => this.doc.submitOp(ops, { source: this }, callback))
  }

  content(): unknown[] {
    return this.doc.data.ops
  }

  close(): void {
    this.connection.close()
  }
}

function done(call: (callback: (error?: Error) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()))
  })
}
