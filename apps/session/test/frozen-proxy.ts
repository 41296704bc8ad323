import { connect, createServer, type Socket } from 'node:net';

export interface FrozenProxy extends AsyncDisposable {
  readonly port: number;
  /** From here on bytes go nowhere, in both directions, while every connection stays open. */
  freeze(): void;
  /** Like `freeze`, but connections made from here on work: what a failover looks like from outside. */
  freezeExisting(): void;
  thaw(): void;
}

/** Stands between client and server, and can make the server fall silent without closing anything. */
export async function startFrozenProxy(target: { readonly port: number }): Promise<FrozenProxy> {
  const sockets = new Set<Socket>();
  let frozen = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    if (frozen) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(target.port, '127.0.0.1');
    near.on('data', (bytes) => far.write(bytes));
    far.on('data', (bytes) => near.write(bytes));
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    keep(near);
    keep(far);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port');
  return {
    port: address.port,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    freezeExisting: () => {
      for (const socket of sockets) socket.pause();
    },
    thaw: () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
