import { type Context, context } from '@opentelemetry/api';
import { getRPCMetadata, RPCType } from '@opentelemetry/core';

/** Gives the active HTTP server span its route: `POST /v1/files/{id}` instead of `POST`. */
export function nameHttpRoute(route: string, of: Context = context.active()): void {
  const metadata = getRPCMetadata(of);
  if (metadata?.type === RPCType.HTTP) metadata.route = route;
}
